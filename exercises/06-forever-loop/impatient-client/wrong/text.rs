//! Takes the lines for text.

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
        let line_as_text = String::from_utf8_lossy(&line);
        client.write_all(format!("OK... {line_as_text}").as_bytes())?;
        line.clear();
    }
    Ok(())
}
