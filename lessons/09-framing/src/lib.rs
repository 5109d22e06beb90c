//! Help for lesson 09: what its programs need and do not teach, and `frames`, which they do.

pub mod child;
pub mod frames;
pub mod practice;
