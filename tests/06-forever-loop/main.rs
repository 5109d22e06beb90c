//! 06-forever-loop
