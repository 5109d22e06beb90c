//! A server for datagrams that remembers them all, and answers none twice.

use std::io;
use std::net::UdpSocket;

fn main() -> io::Result<()> {
    let socket = UdpSocket::bind(std::env::args().nth(1).expect("HOST:PORT"))?;
    println!("Listening on {}", socket.local_addr()?);
    let mut buffer = [0; 65_535];
    let mut seen = Vec::new();
    loop {
        let (count, client) = socket.recv_from(&mut buffer)?;
        let datagram = (client, buffer[..count].to_vec());
        if seen.last() == Some(&datagram) {
            continue; // fault: the answer may be lost, and it asks again
        }
        seen.push(datagram); // fault: for ever
        socket.send_to(&buffer[..count].to_ascii_uppercase(), client)?;
    }
}
