//! Help for lesson 11: starts `chat-5` on Unix; elsewhere it says so.

shared::only_on!(unix, "../bin/chat-5.rs");
