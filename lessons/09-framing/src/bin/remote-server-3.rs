//! Lesson 09, step 3: read until all of the command is there.
//!
//!     cargo run -p framing --bin remote-server-3
//!
//! What it cannot do: tell a goodbye from an error, doubt a length (framed-server-1), and
//! keep anybody out (step 4).

use std::env;
use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::process::Command;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:9000".to_string());
    let listener = TcpListener::bind(address)?;
    println!("Listening on {}", listener.local_addr()?);

    let (mut client, _) = listener.accept()?;
    loop {
        let mut length = [0; 4];
        client.read_exact(&mut length)?;
        let mut line = vec![0; u32::from_be_bytes(length) as usize];
        client.read_exact(&mut line)?;
        let line = String::from_utf8_lossy(&line).into_owned();
        println!("runs {}", line.trim_end());
        let output = Command::new("sh").arg("-c").arg(line).output()?;
        let length = (output.stdout.len() as u32).to_be_bytes(); // 4 bytes, highest first
        client.write_all(&[&length, &output.stdout[..]].concat())?;
    }
}
