//! Lesson 01, step 3: an error is a value, and the next one is tried.
//!
//!     cargo run -p create --bin create-3
//!
//! What it cannot do: tell you what the kernel made of your question, and what you can do
//! where it refused. The last step, `create`, does.

use std::io;

use socket2::{Domain, Socket, Type};

fn main() -> io::Result<()> {
    for family in [Domain::IPV4, Domain::IPV6, Domain::UNIX] {
        for kind in [Type::STREAM, Type::DGRAM, Type::RAW] {
            match Socket::new(family, kind, None) {
                Ok(_socket) => println!("{family:?} {kind:?}: made"),
                Err(error) => println!("{family:?} {kind:?}: {error}"),
            }
        }
    }
    Ok(())
}
