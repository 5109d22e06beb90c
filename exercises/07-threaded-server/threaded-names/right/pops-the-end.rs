//! Lines by read_until in a condition, and the writing end as a second descriptor.

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
    let mut answers = client.try_clone()?;
    answers.write_all(b"Welcome!\n")?;
    let mut client = BufReader::new(client);
    let mut line = Vec::new();
    while client.read_until(b'\n', &mut line)? > 0 && line.pop() == Some(b'\n') {
        let name = std::mem::take(&mut line);
        let name = name.strip_suffix(b"\r").unwrap_or(&name);
        if name == b"exit" {
            break;
        }
        answers.write_all(&[b"Hello, ", name, b"!\n"].concat())?;
    }
    Ok(())
}
