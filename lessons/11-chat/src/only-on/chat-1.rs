//! Help for lesson 11: starts `chat-1` on Unix; elsewhere it says so.

shared::only_on!(unix, "../bin/chat-1.rs");
