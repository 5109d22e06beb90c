//! Help for lesson 10: starts `ready` on Unix; elsewhere it says so.

shared::only_on!(unix, "../bin/ready.rs");
