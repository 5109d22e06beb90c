//! Lesson 01, step 2: ask for every family and every type.
//!
//!     cargo run -p create --bin create-2
//!
//! What it cannot do: go on when the kernel says no. Step 3 mends it.

use std::io;

use socket2::{Domain, Socket, Type};

fn main() -> io::Result<()> {
    for family in [Domain::IPV4, Domain::IPV6, Domain::UNIX] {
        for kind in [Type::STREAM, Type::DGRAM, Type::RAW] {
            Socket::new(family, kind, None)?;
            println!("{family:?} {kind:?}: made");
        }
    }
    Ok(())
}
