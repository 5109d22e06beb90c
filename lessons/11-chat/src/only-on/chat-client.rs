//! Help for lesson 11: starts `chat-client` on Unix; elsewhere it says so.

shared::only_on!(unix, "../bin/chat-client.rs");
