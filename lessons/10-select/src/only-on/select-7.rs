//! Help for lesson 10: starts `select-7` on Unix; elsewhere it says so.

shared::only_on!(unix, "../bin/select-7.rs");
