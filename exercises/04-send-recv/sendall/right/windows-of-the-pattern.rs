//! Makes the pattern while it sends: 251 kinds of beginnings, none kept.

use std::io;
use std::net::TcpStream;

use socket2::Socket;

fn main() -> io::Result<()> {
    let args: Vec<_> = std::env::args().collect();
    let socket = Socket::from(TcpStream::connect(&args[1])?);
    let count: usize = args[2].parse().unwrap();
    let two: Vec<u8> = (0..=250).cycle().take(65536 + 251).collect();
    let mut sent = 0;
    while sent < count {
        let most = (count - sent).min(65536);
        sent += match socket.send(&two[sent % 251..][..most]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
            taken => taken?,
        };
    }
    println!("{count} bytes sent");
    Ok(())
}
