//! Your own answers to the exercises are the files in `examples/`, one for each exercise:
//!
//!     cargo run -- start half-close-echo         makes the file, and says where it is
//!     cargo run -- check half-close-echo
//!     cargo run -p mine --example half-close-echo -- 127.0.0.1:7007
//!
//! Git ignores that folder, so no update of the course touches your work. It is also what
//! you hand in. This file is empty: cargo wants a package to have something that is always
//! there.
