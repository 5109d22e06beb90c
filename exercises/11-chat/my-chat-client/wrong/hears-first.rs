//! Waits for the server to speak before it looks at the keyboard.

use std::io::{self, BufRead, Read, Write};
use std::net::TcpStream;

fn main() {
    let mut server = TcpStream::connect(std::env::args().nth(1).unwrap()).unwrap();
    let mut chunk = [0; 4096];
    while let Ok(count @ 1..) = server.read(&mut chunk) {
        io::stdout().write_all(&chunk[..count]).unwrap();
        io::stdout().flush().unwrap();
        let mut line = String::new();
        io::stdin().read_line(&mut line).unwrap();
        server.write_all(line.as_bytes()).unwrap();
    }
}
