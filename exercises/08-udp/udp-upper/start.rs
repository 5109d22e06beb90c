//! Exercise udp-upper (repair): the server that is gone one day, without an error.
//!
//! This server sends each datagram back to its sender, with its ASCII letters in upper
//! case and all other bytes as they are. It works. But once in a while somebody finds it
//! gone: there is no error, its exit code is 0, and nobody has pressed Ctrl+C. Repair
//! it. Whatever a client sends, up to the 65,507 bytes that a datagram can have, it gets
//! an answer of the same length, and the server goes on.
//!
//! Check it:      cargo run -- check udp-upper
//! Try it:        cargo run -p mine --example udp-upper -- 127.0.0.1:7008
//!                then, in another terminal:
//!                cargo run -p udp --bin udp-client -- 127.0.0.1:7008

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
        let (count, sender) = match socket.recv_from(&mut buffer) {
            Ok((0, _)) => return Ok(()), // no more will come
            Ok(received) => received,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let datagram = &mut buffer[..count];
        datagram.make_ascii_uppercase();
        if let Err(error) = socket.send_to(datagram, sender) {
            println!("no answer for {sender}: {error}");
        }
    }
}
