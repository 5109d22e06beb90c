//! A datagram of more than 60,000 bytes is an error, which ends the server.

use std::io::{self, ErrorKind};
use std::net::UdpSocket;

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:7008".into());
    let socket = UdpSocket::bind(&address)?;
    println!("Listening on {}", socket.local_addr()?);
    answer(&socket)
}

/// Answers one datagram after the other.
fn answer(socket: &UdpSocket) -> io::Result<()> {
    let mut buffer = vec![0; 65_535];
    loop {
        // There is no connection, so there is no end of one. 0 bytes mean that somebody
        // has sent a datagram with nothing in it. It is answered like any other.
        let (count, sender) = match socket.recv_from(&mut buffer) {
            Ok(received) => received,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if count > 60_000 {
            return Err(io::Error::other("too long"));
        }
        let datagram = &mut buffer[..count];
        datagram.make_ascii_uppercase();
        if let Err(error) = socket.send_to(datagram, sender) {
            println!("no answer for {sender}: {error}");
        }
    }
}
