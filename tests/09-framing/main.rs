//! 09-framing
