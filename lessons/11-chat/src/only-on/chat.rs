//! Help for lesson 11: starts `chat` on Unix; elsewhere it says so.

shared::only_on!(unix, "../main.rs");
