//! Lesson 05.

fn main() {}
