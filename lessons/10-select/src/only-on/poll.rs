//! Help for lesson 10: starts `poll` on Unix; elsewhere it says so.

shared::only_on!(unix, "../bin/poll.rs");
