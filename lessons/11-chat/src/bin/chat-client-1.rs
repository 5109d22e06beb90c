//! Lesson 11, step 1: a client; what you type and what the others say, in turn.
//!
//!     cargo run -p chat --bin chat-client-1              (the chat of this lesson runs)
//!
//! What it cannot do: hear two things. While it waits for the keyboard, it does not hear
//! the others; while it waits for them, you can't speak (step 2).

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:2626".to_string());
    let mut server = TcpStream::connect(address)?;
    let mut news = BufReader::new(server.try_clone()?).lines();
    for typed in io::stdin().lines() {
        server.write_all(format!("{}\r\n", typed?).as_bytes())?; // sleeps until you type
        match news.next() {
            Some(line) => println!("{}", line?), // sleeps until somebody says something
            None => return Ok(()),               // the server has closed
        }
    }
    Ok(()) // Ctrl+D
}
