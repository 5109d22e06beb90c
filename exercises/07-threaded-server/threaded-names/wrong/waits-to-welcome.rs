//! Says its welcome with the first answer.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming().flatten() {
        thread::spawn(move || serve(client).ok());
    }
}

fn serve(client: TcpStream) -> io::Result<()> {
    let mut lines = BufReader::new(client);
    let mut line = Vec::new();
    let mut welcome = &b"Welcome!\n"[..];
    while lines.read_until(b'\n', &mut line)? > 0 {
        if line.trim_ascii_end() == b"exit" {
            return Ok(());
        }
        let answer = [
            std::mem::take(&mut welcome),
            b"Hello, ",
            line.trim_ascii_end(),
            b"!\n",
        ]
        .concat();
        lines.get_mut().write_all(&answer)?;
        line.clear();
    }
    Ok(())
}
