//! Lesson 04.

fn main() {}
