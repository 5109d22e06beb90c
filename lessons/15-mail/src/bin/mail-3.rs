//! Lesson 15, step 3: an answer of several lines ends with a dot.
//!
//!     python3 lessons/15-mail/peers/pop3.py     (a server, in a second terminal)
//!     cargo run -p mail --bin mail-3
//!
//! What it cannot do: give you the mail as it was written: some lines have a dot too
//! many. Step 4 mends it.

use std::env;
use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::net::TcpStream;

const COMMANDS: [&str; 6] = [
    "USER ada",
    "PASS swordfish",
    "STAT",
    "LIST",
    "RETR 3",
    "QUIT",
];

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
        if command == "LIST" || command.starts_with("RETR") {
            receive_text(&mut server)?;
        }
    }
    Ok(())
}

fn receive_line(server: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    if server.read_line(&mut line)? == 0 {
        return Err(io::Error::from(ErrorKind::UnexpectedEof));
    }
    print!("S: {line}");
    Ok(line)
}

/// The lines up to the one that is a single dot.
fn receive_text(server: &mut BufReader<TcpStream>) -> io::Result<()> {
    while receive_line(server)? != ".\r\n" {}
    Ok(())
}
