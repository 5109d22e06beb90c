//! Help for lesson 16: what its programs of the Unix domain need besides the calls.

pub mod practice;
pub mod unix_files;
