//! Lesson 05, step 2: the answer is a line, in however many pieces it comes.
//!
//!     cargo run -p bind-listen-accept --bin bind-listen-accept-client-2
//!
//! What it cannot do: give up. A server that is silent holds it for ever. The last step,
//! `bind-listen-accept-client`, mends it.

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:8888".to_string());
    let mut server = TcpStream::connect(address)?;
    server.write_all(b"Hello, server!\n")?;
    let mut line = Vec::new();
    BufReader::new(server).read_until(b'\n', &mut line)?; // recv, until the line ends
    println!("it says: {:?}", String::from_utf8_lossy(&line));
    Ok(())
}
