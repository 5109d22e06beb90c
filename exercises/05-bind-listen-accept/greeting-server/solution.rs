//! Exercise greeting-server, a solution: read until the line has ended, then answer.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

use socket2::{Domain, Socket, Type};

/// No name is longer: a client that never ends its line must not fill our memory.
const LIMIT: u64 = 4096;

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:7005".into());
    let address: SocketAddr = address.parse().map_err(io::Error::other)?;
    let listener = listen(address)?;
    println!("Listening on {address}");
    loop {
        let (client, _) = listener.accept()?;
        if let Err(error) = greet(client.into()) {
            println!("this client is lost: {error}");
        }
    }
}

/// A socket that listens on this address.
fn listen(address: SocketAddr) -> io::Result<Socket> {
    let listener = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    listener.set_reuse_address(true)?;
    listener.bind(&address.into())?;
    listener.listen(128)?;
    Ok(listener)
}

/// Reads a line, and answers it. `BufReader` asks for more until the end of the line is
/// there: the line may come in any number of pieces.
fn greet(mut client: TcpStream) -> io::Result<()> {
    let mut line = Vec::new();
    BufReader::new(&client)
        .take(LIMIT)
        .read_until(b'\n', &mut line)?;
    let Some(name) = line.strip_suffix(b"\n") else {
        return Err(ErrorKind::UnexpectedEof.into());
    };
    let name = name.strip_suffix(b"\r").unwrap_or(name); // blanks are a part of it
    client.write_all(&[b"Hello, ", name, b"!\n"].concat())
}
