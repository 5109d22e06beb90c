//! Help for lesson 11: starts `chat-4` on Unix; elsewhere it says so.

shared::only_on!(unix, "../bin/chat-4.rs");
