//! Lesson 09, step 1: a server that runs whatever comes.
//!
//!     cargo run -p framing --bin remote-server-1
//!
//! What it cannot do: say where an answer ends (step 2), and keep anybody out (step 4).
//! It serves one client and ends. While it waits, anybody on this machine may be the one.

use std::env;
use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::process::Command;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:9000".to_string());
    let listener = TcpListener::bind(address)?;
    println!("Listening on {}", listener.local_addr()?);

    let (mut client, _) = listener.accept()?;
    let mut buffer = [0; 1024];
    loop {
        let count = client.read(&mut buffer)?;
        if count == 0 {
            return Ok(()); // the client has closed
        }
        let line = String::from_utf8_lossy(&buffer[..count]).into_owned();
        println!("runs {}", line.trim_end());
        let output = Command::new("sh").arg("-c").arg(line).output()?;
        client.write_all(&output.stdout)?;
    }
}
