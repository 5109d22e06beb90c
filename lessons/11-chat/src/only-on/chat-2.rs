//! Help for lesson 11: starts `chat-2` on Unix; elsewhere it says so.

shared::only_on!(unix, "../bin/chat-2.rs");
