//! Help for lesson 16: starts `unix-stream-3` on Unix; elsewhere it says so.

shared::only_on!(unix, "../bin/unix-stream-3.rs");
