//! 01-create
