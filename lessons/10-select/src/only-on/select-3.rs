//! Help for lesson 10: starts `select-3` on Unix; elsewhere it says so.

shared::only_on!(unix, "../bin/select-3.rs");
