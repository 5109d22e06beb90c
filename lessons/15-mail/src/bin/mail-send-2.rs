//! Lesson 15, step 2: the mail is sent with a dot more.
//!
//!     python3 lessons/15-mail/peers/smtp.py     (a server, in a second terminal)
//!     cargo run -p mail --bin mail-send-2       (type the text, then Ctrl+D)
//!
//! What it cannot do: hear a no. Step 3 mends it.

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
    let text = stuffed(&text);
    ask(
        &mut server,
        &format!("Subject: A mail by hand\r\n\r\n{text}."),
    )?;
    ask(&mut server, "QUIT")
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
