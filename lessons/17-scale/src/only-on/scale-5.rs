//! Help for lesson 17: starts `scale-5` on Unix; elsewhere it says so.

shared::only_on!(unix, "../bin/scale-5.rs");
