//! Help for lesson 10: starts `select` on Unix; elsewhere it says so.

shared::only_on!(unix, "../main.rs");
