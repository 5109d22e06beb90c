//! socket2's own calls, nonblocking: it looks with peek, and takes no more than the line.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::thread;
use std::time::Duration;

use socket2::{Domain, Socket, Type};

fn main() -> io::Result<()> {
    let args: Vec<_> = std::env::args().collect();
    let name = &args[2];
    if name.contains('\n') || name.contains('\r') {
        eprintln!("{name:?} is more than a line");
        std::process::exit(1);
    }
    let none = || io::Error::other("no address");
    let address = args[1].to_socket_addrs()?.next().ok_or_else(none)?;
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.connect(&address.into())?;
    socket.set_nonblocking(true)?;
    let line = format!("{name}\n");
    assert_eq!(socket.send(line.as_bytes())?, line.len());
    let mut stream = TcpStream::from(socket);
    let (mut line, mut seen) = (Vec::new(), [0; 16]);
    while !line.ends_with(b"\n") {
        let count = match stream.peek(&mut seen) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                thread::sleep(Duration::from_millis(1));
                continue;
            }
            Err(error) => return Err(error),
        };
        let end = seen[..count].iter().position(|byte| *byte == b'\n');
        let count = end.map_or(count, |end| end + 1);
        stream.read_exact(&mut seen[..count])?;
        line.extend(&seen[..count]);
    }
    io::stdout().write_all(&line)
}
