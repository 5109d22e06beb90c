//! Lines by split, and the writing end as a second descriptor.

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
    for line in BufReader::new(client).split(b'\n') {
        let line = line?;
        let name = line.strip_suffix(b"\r").unwrap_or(&line);
        if name == b"exit" {
            break;
        }
        answers.write_all(&[b"Hello, ", name, b"!\n"].concat())?;
    }
    Ok(())
}
