//! The programs and servers that nobody here wrote.
