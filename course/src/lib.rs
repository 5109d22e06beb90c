//! What the guide's programs share: the command line, the lessons and the exercises that
//! there are, the reader's progress, the pages, and how to build what is beside them.

pub mod args;
pub mod beside;
pub mod commands;
pub mod exercise;
pub mod page;
pub mod progress;
pub mod workspace;
