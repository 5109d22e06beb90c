//! Help for lesson 10: starts `select-2` on Unix; elsewhere it says so.

shared::only_on!(unix, "../bin/select-2.rs");
