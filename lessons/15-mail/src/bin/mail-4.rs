//! Lesson 15, step 4: the text as it was written.
//!
//!     python3 lessons/15-mail/peers/pop3.py     (a server, in a second terminal)
//!     cargo run -p mail --bin mail-4
//!
//! What it cannot do: take a no. It waits for the lines of a mail that does not exist.
//! Step 5 mends it.

use std::env;
use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::net::TcpStream;

const COMMANDS: [&str; 7] = [
    "USER ada",
    "PASS swordfish",
    "STAT",
    "LIST",
    "RETR 3",
    "RETR 9",
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
    let mut text = String::new();
    loop {
        let line = receive_line(server)?;
        if line == ".\r\n" {
            print!("The text is:\n{text}");
            return Ok(());
        }
        // The server has put a dot in front of each line that begins with one.
        text += line.strip_prefix('.').unwrap_or(&line);
    }
}
