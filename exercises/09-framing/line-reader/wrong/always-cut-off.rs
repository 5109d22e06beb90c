//! Says `cut off` at each end.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

fn main() -> io::Result<()> {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap())?;
    loop {
        let (client, _) = listener.accept()?;
        if let Err(error) = serve(&client) {
            println!("a client is lost: {error}");
        }
    }
}

fn serve(mut client: &TcpStream) -> io::Result<()> {
    let mut reader = BufReader::new(client);
    loop {
        let mut line = Vec::new();
        reader.read_until(b'\n', &mut line)?;
        let Some(line) = line.strip_suffix(b"\n") else {
            return client.write_all(b"cut off\n");
        };
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        client.write_all(&[b"[", line, b"]\n"].concat())?;
    }
}
