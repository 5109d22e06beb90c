//! Lesson 02.

fn main() {}
