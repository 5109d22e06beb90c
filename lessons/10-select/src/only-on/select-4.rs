//! Help for lesson 10: starts `select-4` on Unix; elsewhere it says so.

shared::only_on!(unix, "../bin/select-4.rs");
