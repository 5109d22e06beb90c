//! Help for lesson 11: starts `chat-client-3` on Unix; elsewhere it says so.

shared::only_on!(unix, "../bin/chat-client-3.rs");
