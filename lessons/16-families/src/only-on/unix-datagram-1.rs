//! Help for lesson 16: starts `unix-datagram-1` on Unix; elsewhere it says so.

shared::only_on!(unix, "../bin/unix-datagram-1.rs");
