//! Lesson 12, step 2: the same, with TCP_NODELAY.
//!
//!     cargo run -p options --bin options-nagle-2
//!
//! What it cannot do: save the second packet (the last step compares four ways).

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Instant;

fn main() -> io::Result<()> {
    // Both ends are in this program, so no network and no other program is in the way.
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut client = TcpStream::connect(listener.local_addr()?)?;
    client.set_nodelay(true)?;
    let (mut server, _) = listener.accept()?;
    for _ in 0..5 {
        let start = Instant::now();
        client.write_all(b"head ")?;
        client.write_all(b"body\n")?;

        server.read_exact(&mut [0; 10])?;
        server.write_all(b"!")?;

        client.read_exact(&mut [0])?;
        println!("answered after {} ms", start.elapsed().as_millis());
    }
    Ok(())
}
