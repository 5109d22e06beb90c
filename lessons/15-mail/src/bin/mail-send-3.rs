//! Lesson 15, step 3: the one who sends hears a no.
//!
//!     python3 lessons/15-mail/peers/smtp.py     (a server, in a second terminal)
//!     cargo run -p mail --bin mail-send-3       (type the text, then Ctrl+D)
//!
//! What it cannot do: send to several people; log in; understand an answer of several
//! lines; leave a server that says nothing. The last step, `mail-send`, mends it.

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:2525".to_string());
    let text = io::read_to_string(io::stdin())?;
    let mut server = BufReader::new(TcpStream::connect(&address)?);

    receive(&mut server, '2')?; // the server speaks first
    ask(&mut server, "HELO localhost", '2')?;
    ask(&mut server, "MAIL FROM:<ada@example.org>", '2')?;
    ask(&mut server, "RCPT TO:<charles@example.org>", '2')?;
    ask(&mut server, "DATA", '3')?;
    let text = stuffed(&text);
    ask(
        &mut server,
        &format!("Subject: A mail by hand\r\n\r\n{text}."),
        '2',
    )?;
    ask(&mut server, "QUIT", '2')
}

/// A dot more in front of each line that begins with one; the server takes it off again.
fn stuffed(text: &str) -> String {
    let mut lines = String::new();
    for line in text.lines() {
        if line.starts_with('.') {
            lines.push('.');
        }
        lines += line;
        lines += "\r\n";
    }
    lines
}

fn ask(server: &mut BufReader<TcpStream>, command: &str, yes: char) -> io::Result<()> {
    println!("C: {}", command.replace("\r\n", "\nC: "));
    server
        .get_mut()
        .write_all(format!("{command}\r\n").as_bytes())?;
    receive(server, yes)
}

/// The first digit of the answer is what counts: 2 is yes, and 3 is yes, go on.
fn receive(server: &mut BufReader<TcpStream>, yes: char) -> io::Result<()> {
    let mut line = String::new();
    server.read_line(&mut line)?;
    print!("S: {line}");
    if line.starts_with(yes) {
        return Ok(());
    }
    Err(io::Error::other(format!("refused: {line}")))
}
