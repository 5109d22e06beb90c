//! A server for datagrams that sends each answer to the client before, too.

use std::io;
use std::net::UdpSocket;

fn main() -> io::Result<()> {
    let socket = UdpSocket::bind(std::env::args().nth(1).expect("HOST:PORT"))?;
    println!("Listening on {}", socket.local_addr()?);
    let mut buffer = [0; 65_535];
    let mut before = None;
    loop {
        let (count, client) = socket.recv_from(&mut buffer)?;
        let answer = buffer[..count].to_ascii_uppercase();
        if let Some(other) = before.replace(client) {
            socket.send_to(&answer, other)?; // fault: it has not asked for this
        }
        socket.send_to(&answer, client)?;
    }
}
