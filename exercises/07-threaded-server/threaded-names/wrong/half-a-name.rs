//! What comes before the end, without a line end, is greeted as a name.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:7070".into());
    let listener = TcpListener::bind(&address)?;
    println!("Listening on {}", listener.local_addr()?);
    loop {
        match listener.accept() {
            Ok((client, _)) => start(client),
            Err(error) => println!("a client is lost: {error}"),
        }
    }
}

/// Gives the client to a thread of its own, and does not wait for it.
fn start(client: TcpStream) {
    let thread = thread::Builder::new().spawn(move || {
        if let Err(error) = serve(client) {
            println!("a client is lost: {error}");
        }
    });
    if let Err(error) = thread {
        println!("no thread for this client: {error}");
    }
}

/// Talks to one client until it says exit, or leaves. Then its stream is dropped.
fn serve(mut client: TcpStream) -> io::Result<()> {
    client.write_all(b"Welcome!\n")?;
    let mut lines = BufReader::new(client);
    let mut line = Vec::new();
    // One line each time, however many pieces it came in; the next stays in the buffer.
    while lines.read_until(b'\n', &mut line)? > 0 {
        let name = line.strip_suffix(b"\n").unwrap_or(&line);
        match name.strip_suffix(b"\r").unwrap_or(name) {
            b"exit" => break,
            name => lines
                .get_mut()
                .write_all(&[b"Hello, ", name, b"!\n"].concat())?,
        }
        line.clear();
    }
    Ok(())
}
