//! Help for lesson 17: starts `compare` on Linux; elsewhere it says so.

shared::only_on!(target_os = "linux", "../bin/compare.rs");
