//! Help for lesson 09: what its programs need and do not teach.

pub mod child;
pub mod practice;
