//! Help for lesson 11: starts `chat-3` on Unix; elsewhere it says so.

shared::only_on!(unix, "../bin/chat-3.rs");
