//! Help for lesson 16: starts `families` on Unix; elsewhere it says so.

shared::only_on!(unix, "../main.rs");
