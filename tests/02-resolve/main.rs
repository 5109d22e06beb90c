//! 02-resolve
