//! Lesson 05, step 3: what the caller says cannot steer our terminal.
//!
//!     cargo run -p bind-listen-accept --bin talk-3
//!
//! and in a second terminal: cargo run -p bind-listen-accept --bin talk-client-1
//!
//! What it cannot do: survive a caller who only knocks, breaks off or is silent; close so
//! that our last words arrive. The last step, `talk`, mends it.

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpListener;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:8888".to_string());
    let listener = TcpListener::bind(address)?; // socket, SO_REUSEADDR, bind, listen
    println!("Listening on {}", listener.local_addr()?);
    let (mut caller, peer) = listener.accept()?;
    println!("{peer} is on the line and speaks first");

    let mut reader = BufReader::new(caller.try_clone()?); // keeps what comes after a line
    loop {
        let mut heard = Vec::new();
        let count = reader.read_until(b'\n', &mut heard)?; // their turn
        if count == 0 {
            println!("They hung up.");
            return Ok(());
        }
        println!("them: {}", printable(&heard));

        let mut line = String::new();
        if io::stdin().read_line(&mut line)? == 0 {
            return Ok(()); // Ctrl+D
        }
        caller.write_all(line.as_bytes())?; // our turn
    }
}

/// What would steer our terminal becomes a question mark.
fn printable(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    text.trim_end().replace(char::is_control, "?")
}
