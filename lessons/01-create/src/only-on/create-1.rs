//! Help for lesson 01: starts `create-1` on Unix; elsewhere it says so.

shared::only_on!(unix, "../bin/create-1.rs");
