//! Takes lines of any length: the repair has lost their limit.

use std::io::{self, BufRead, BufReader, Write};
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
    while reader.read_until(b'\n', &mut line)? > 0 {
        if !line.ends_with(b"\n") {
            return Err(io::Error::other("no line"));
        }
        client.write_all(&[b"OK... ", &line[..]].concat())?;
        line.clear();
    }
    Ok(())
}
