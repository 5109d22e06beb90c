//! A server for datagrams that keeps to its first client, as if there were connections.

use std::io;
use std::net::UdpSocket;

fn main() -> io::Result<()> {
    let socket = UdpSocket::bind(std::env::args().nth(1).expect("HOST:PORT"))?;
    println!("Listening on {}", socket.local_addr()?);
    let mut buffer = [0; 65_535];
    let (mut count, client) = socket.recv_from(&mut buffer)?;
    socket.connect(client)?; // fault: from now on the others are not heard
    loop {
        socket.send(&buffer[..count].to_ascii_uppercase())?;
        count = socket.recv(&mut buffer)?;
    }
}
