//! Takes the \r off a line that ends with \r\n.

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
    while reader.by_ref().take(4096).read_until(b'\n', &mut line)? > 0 {
        if !line.ends_with(b"\n") {
            return Err(io::Error::other("no line"));
        }
        client.write_all(&[b"OK... ", line.trim_ascii_end(), b"\n"].concat())?;
        line.clear();
    }
    Ok(())
}
