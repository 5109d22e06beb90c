//! Help for lesson 17: starts `scale-4` on Unix; elsewhere it says so.

shared::only_on!(unix, "../bin/scale-4.rs");
