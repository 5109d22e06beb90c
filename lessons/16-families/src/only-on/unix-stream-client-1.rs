//! Help for lesson 16: starts `unix-stream-client-1` on Unix; elsewhere it says so.

shared::only_on!(unix, "../bin/unix-stream-client-1.rs");
