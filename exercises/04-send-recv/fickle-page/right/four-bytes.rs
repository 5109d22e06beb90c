//! Byte by byte, and no more kept of the header than how much of its end has come.

use std::io::{self, ErrorKind, Read, Write};

use socket2::{Domain, Socket, Type};

fn main() -> io::Result<()> {
    let args: Vec<_> = std::env::args().collect();
    let none = || io::Error::other("no address");
    let mut all = std::net::ToSocketAddrs::to_socket_addrs(&args[1])?;
    let address = all.next().ok_or_else(none)?;
    let mut server = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    server.connect(&address.into())?;
    let host = format!("Host: {}\r\nConnection: close\r\n\r\n", args[1]);
    write!(server, "GET {} HTTP/1.1\r\n{host}", args[2])?;
    let mut matched = 0;
    let mut byte = [0];
    let mut length = 0;
    while matched < 4 {
        length += 1;
        if length > 64 * 1024 {
            return Err(io::Error::other("the header is too long"));
        }
        if server.read(&mut byte)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        matched = match byte[0] {
            wanted if wanted == b"\r\n\r\n"[matched] => matched + 1,
            b'\r' => 1,
            _ => 0,
        };
    }
    while server.read(&mut byte)? == 1 {
        io::stdout().write_all(&byte)?;
    }
    Ok(())
}
