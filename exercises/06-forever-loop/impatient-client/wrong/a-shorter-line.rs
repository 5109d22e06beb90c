//! Has room for 4,096 bytes, and wants one of them for itself.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming().flatten() {
        if let Err(error) = serve(client) {
            println!("a client is lost: {error}");
        }
    }
}

fn serve(mut client: TcpStream) -> io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut line = Vec::new();
    while reader.by_ref().take(4095).read_until(b'\n', &mut line)? > 0 {
        if !line.ends_with(b"\n") {
            return Err(io::Error::other("no line"));
        }
        client.write_all(&[b"OK... ", &line[..]].concat())?;
        line.clear();
    }
    Ok(())
}
