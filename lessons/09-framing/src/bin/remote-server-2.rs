//! Lesson 09, step 2: each message has its length in front.
//!
//!     cargo run -p framing --bin remote-server-2
//!
//! What it cannot do: bear a command that comes in two pieces (step 3), and keep anybody
//! out (step 4).

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
        if count <= 4 {
            return Ok(()); // the client has closed
        }
        let line = String::from_utf8_lossy(&buffer[4..count]).into_owned();
        println!("runs {}", line.trim_end());
        let output = Command::new("sh").arg("-c").arg(line).output()?;
        let length = (output.stdout.len() as u32).to_be_bytes(); // 4 bytes, highest first
        client.write_all(&[&length, &output.stdout[..]].concat())?;
    }
}
