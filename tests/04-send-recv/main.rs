//! 04-send-recv
