//! Lets sixteen clients wait, and throws out who comes after them.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    let (chairs, waiting) = mpsc::sync_channel(16);
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            chairs.try_send(client).ok();
        }
    });
    for client in waiting {
        if let Err(error) = serve(client) {
            println!("a client is lost: {error}");
        }
    }
}

fn serve(mut client: TcpStream) -> io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut line = Vec::new();
    while reader.by_ref().take(4096).read_until(b'\n', &mut line)? > 0 {
        if !line.ends_with(b"\n") {
            return Err(io::Error::other("no line"));
        }
        client.write_all(&[b"OK... ", &line[..]].concat())?;
        line.clear();
    }
    Ok(())
}
