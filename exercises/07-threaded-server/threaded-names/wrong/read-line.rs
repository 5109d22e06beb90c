//! Reads lines as text: a byte that is none is an error.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming().flatten() {
        thread::spawn(move || serve(client).ok());
    }
}

fn serve(mut client: TcpStream) -> io::Result<()> {
    client.write_all(b"Welcome!\n")?;
    let mut lines = BufReader::new(client);
    let mut line = String::new();
    while lines.read_line(&mut line)? > 0 {
        if line.trim_end() == "exit" {
            return Ok(());
        }
        let answer = [b"Hello, ", line.trim_end().as_bytes(), b"!\n"].concat();
        lines.get_mut().write_all(&answer)?;
        line.clear();
    }
    Ok(())
}
