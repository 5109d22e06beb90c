//! Lesson 15, step 1: sending a mail, a line for a line.
//!
//!     python3 lessons/15-mail/peers/smtp.py     (a server, in a second terminal)
//!     cargo run -p mail --bin mail-send-1       (type the text, then Ctrl+D)
//!
//! What it cannot do: send a line that is a single dot. Step 2 mends it.

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:2525".to_string());
    let text = io::read_to_string(io::stdin())?;
    let mut server = BufReader::new(TcpStream::connect(&address)?);

    receive_line(&mut server)?; // the server speaks first
    ask(&mut server, "HELO localhost")?;
    ask(&mut server, "MAIL FROM:<ada@example.org>")?;
    ask(&mut server, "RCPT TO:<charles@example.org>")?;
    ask(&mut server, "DATA")?;
    let text = text.replace('\n', "\r\n");
    ask(
        &mut server,
        &format!("Subject: A mail by hand\r\n\r\n{text}."),
    )?;
    ask(&mut server, "QUIT")
}

fn ask(server: &mut BufReader<TcpStream>, command: &str) -> io::Result<()> {
    println!("C: {}", command.replace("\r\n", "\nC: "));
    server
        .get_mut()
        .write_all(format!("{command}\r\n").as_bytes())?;
    receive_line(server)
}

fn receive_line(server: &mut BufReader<TcpStream>) -> io::Result<()> {
    let mut line = String::new();
    server.read_line(&mut line)?;
    print!("S: {line}");
    Ok(())
}
