//! Help for lesson 11: starts `chat-client-2` on Unix; elsewhere it says so.

shared::only_on!(unix, "../bin/chat-client-2.rs");
