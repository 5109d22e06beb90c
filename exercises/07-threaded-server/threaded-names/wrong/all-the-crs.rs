//! Takes each \r at the end of a line off.

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
    let mut lines = BufReader::new(client.try_clone()?);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        let Some(name) = line.strip_suffix(b"\n") else {
            break;
        };
        let mut name = name;
        while let Some(rest) = name.strip_suffix(b"\r") {
            name = rest;
        }
        if name == b"exit" {
            break;
        }
        client.write_all(&[b"Hello, ", name, b"!\n"].concat())?;
        line.clear();
    }
    Ok(())
}
