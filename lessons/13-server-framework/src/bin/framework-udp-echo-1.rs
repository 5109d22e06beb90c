//! Lesson 13, step 1: the framework of datagrams, beside that of clients.
//!
//!     cargo run -p server-framework --bin framework-udp-echo-1
//!     nc -u 127.0.0.1 8080              (in a second terminal)
//!
//! What it cannot do: run its requests in threads or in a pool, catch a panic, end. All
//! that is written already, for clients. The last step, `framework-udp-echo`, uses it.

use std::env;
use std::io;
use std::net::{SocketAddr, UdpSocket};

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:8080".to_string());
    let socket = UdpSocket::bind(address)?;
    println!("Listening on {}", socket.local_addr()?);
    serve_forever(&socket, echo)
}

fn serve_forever(
    socket: &UdpSocket,
    handler: fn(&UdpSocket, &[u8], SocketAddr) -> io::Result<()>,
) -> io::Result<()> {
    let mut buffer = [0; 65_535]; // no datagram is longer
    loop {
        let (length, peer) = socket.recv_from(&mut buffer)?;
        if let Err(error) = handler(socket, &buffer[..length], peer) {
            println!("{peer} is lost: {error}");
        }
    }
}

fn echo(socket: &UdpSocket, bytes: &[u8], peer: SocketAddr) -> io::Result<()> {
    println!("{peer} sent {} bytes", bytes.len());
    socket.send_to(bytes, peer)?;
    Ok(())
}
