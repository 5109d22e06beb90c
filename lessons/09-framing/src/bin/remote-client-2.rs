//! Lesson 09, step 2: the length says how long the answer is.
//!
//!     cargo run -p framing --bin remote-client-2
//!
//! What it cannot do: wait for all of a long answer (step 3).

use std::env;
use std::io::{self, Read, Write};
use std::net::TcpStream;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:9000".to_string());
    let mut server = TcpStream::connect(address)?;
    loop {
        print!(">>: ");
        io::stdout().flush()?;
        let mut line = String::new();
        if io::stdin().read_line(&mut line)? == 0 {
            return Ok(()); // Ctrl+D
        }
        let length = (line.len() as u32).to_be_bytes(); // 4 bytes, the highest first
        server.write_all(&[&length, line.as_bytes()].concat())?;

        let mut length = [0; 4];
        server.read_exact(&mut length)?;
        let mut answer = vec![0; u32::from_be_bytes(length) as usize];
        let count = server.read(&mut answer)?;
        io::stdout().write_all(&answer[..count])?;
    }
}
