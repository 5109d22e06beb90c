//! Help for lesson 16: starts `unix-stream-client` on Unix; elsewhere it says so.

shared::only_on!(unix, "../bin/unix-stream-client.rs");
