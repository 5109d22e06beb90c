//! Help for lesson 16: starts `unix-datagram` on Unix; elsewhere it says so.

shared::only_on!(unix, "../bin/unix-datagram.rs");
