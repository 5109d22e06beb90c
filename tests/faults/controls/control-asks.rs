//! A client for datagrams that waits for ever, once, and believes whoever answers.

use std::io;
use std::net::UdpSocket;

fn main() -> io::Result<()> {
    let server = std::env::args().nth(1).expect("HOST:PORT");
    let socket = UdpSocket::bind("0.0.0.0:0")?; // fault: not connected
    let mut buffer = [0; 512];
    for line in io::stdin().lines() {
        socket.send_to(line?.as_bytes(), &server)?;
        let (count, _) = socket.recv_from(&mut buffer)?; // fault: from anybody, at any time
        println!("{}", String::from_utf8_lossy(&buffer[..count]));
    }
    Ok(())
}
