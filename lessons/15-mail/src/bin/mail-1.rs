//! Lesson 15, step 1: a talk with a mailbox, a line for a line.
//!
//!     python3 lessons/15-mail/peers/pop3.py     (a server, in a second terminal)
//!     cargo run -p mail --bin mail-1
//!
//! What it cannot do: receive an answer of several lines. Step 2 tries to.

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;

const COMMANDS: [&str; 4] = ["USER ada", "PASS swordfish", "STAT", "QUIT"];

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:1100".to_string());
    let mut server = BufReader::new(TcpStream::connect(&address)?);

    receive_line(&mut server)?; // the server speaks first
    for command in COMMANDS {
        println!("C: {command}");
        server
            .get_mut()
            .write_all(format!("{command}\r\n").as_bytes())?;
        receive_line(&mut server)?;
    }
    Ok(())
}

fn receive_line(server: &mut BufReader<TcpStream>) -> io::Result<()> {
    let mut line = String::new();
    server.read_line(&mut line)?;
    print!("S: {line}");
    Ok(())
}
