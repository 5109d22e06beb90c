//! Lesson 15, step 2: what is in the mailbox, and the third mail.
//!
//!     python3 lessons/15-mail/peers/pop3.py     (a server, in a second terminal)
//!     cargo run -p mail --bin mail-2
//!
//! What it cannot do: see that an answer has several lines. It takes the second line for
//! the answer to the next command. Step 3 mends it.

use std::env;
use std::io::{self, BufRead, BufReader, Write};
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
    }
    Ok(())
}

fn receive_line(server: &mut BufReader<TcpStream>) -> io::Result<()> {
    let mut line = String::new();
    server.read_line(&mut line)?;
    print!("S: {line}");
    Ok(())
}
