//! The appendix *From Python and C to Rust*, and the chapters around the lessons: every
//! cell of the tables is a line of a program that runs here, and every claim is a test.
//!
//! What is absent: the three programs on Windows. Descriptors, `select` and `poll` as the
//! page shows them are Unix only.

mod chapters;
#[cfg(unix)]
mod facts;
#[cfg(unix)]
mod neighbours;
#[cfg(unix)]
mod snippets;
mod tables;
