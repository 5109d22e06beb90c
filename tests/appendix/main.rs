//! The appendix *From Python and C to Rust*, and the chapters around the lessons: every
//! cell of the tables is a line of a program that runs here, and every claim is a test.

mod chapters;
mod facts;
mod neighbours;
#[cfg(unix)]
mod snippets;
mod tables;
