//! Help for lesson 10: starts `select-5` on Unix; elsewhere it says so.

shared::only_on!(unix, "../bin/select-5.rs");
