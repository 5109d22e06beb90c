//! HOST must be an address.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::process::exit;
fn main() {
    let mut args = std::env::args().skip(1);
    let (Some(server), Some(name)) = (args.next(), args.next()) else {
        eprintln!("HOST:PORT NAME");
        exit(1)
    };
    match ask(&server, &name) {
        Ok(line) => io::stdout().write_all(&line).unwrap(),
        Err(error) => {
            eprintln!("no greeting: {error}");
            exit(1)
        }
    }
}
fn ask(server: &str, name: &str) -> io::Result<Vec<u8>> {
    if name.contains(['\r', '\n']) {
        return Err(io::Error::other("a name is one line"));
    }
    let mut stream = TcpStream::connect(
        server
            .parse::<std::net::SocketAddr>()
            .map_err(io::Error::other)?,
    )?;
    stream.write_all(format!("{name}\n").as_bytes())?;
    let mut line = Vec::new();
    let mut byte = [0u8; 1];
    loop {
        if stream.read(&mut byte)? == 0 {
            return Err(io::Error::other("the server ended too early"));
        }
        line.push(byte[0]);
        if byte[0] == b'\n' {
            return Ok(line);
        }
        if line.len() == 65536 {
            return Err(io::Error::other("too long"));
        }
    }
}
