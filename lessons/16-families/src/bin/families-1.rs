//! Lesson 16, step 1: two sockets that are connected from the start.
//!
//!     cargo run -p families --bin families-1
//!
//! What it cannot do: be found. Neither end has a name. The lesson's program binds one.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;

pub fn main() -> io::Result<()> {
    let (mut one, mut other) = UnixStream::pair()?;
    one.write_all(b"hello")?;

    let mut buffer = [0; 5];
    other.read_exact(&mut buffer)?;
    println!(
        "{:?} from {:?}",
        String::from_utf8_lossy(&buffer),
        other.peer_addr()?
    );
    other.write_all(&buffer.to_ascii_uppercase())?;

    one.read_exact(&mut buffer)?;
    println!(
        "{:?} from {:?}",
        String::from_utf8_lossy(&buffer),
        one.peer_addr()?
    );
    Ok(())
}
