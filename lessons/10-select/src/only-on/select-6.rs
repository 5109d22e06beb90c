//! Help for lesson 10: starts `select-6` on Unix; elsewhere it says so.

shared::only_on!(unix, "../bin/select-6.rs");
