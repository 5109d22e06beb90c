//! Help for lesson 17: starts `scale` on Unix; elsewhere it says so.

shared::only_on!(unix, "../main.rs");
