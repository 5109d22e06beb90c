//! Help for lesson 16: starts `families-1` on Unix; elsewhere it says so.

shared::only_on!(unix, "../bin/families-1.rs");
