//! Sends the numbers as text.

use std::io;
use std::net::TcpStream;

use socket2::Socket;

fn main() -> io::Result<()> {
    let args: Vec<_> = std::env::args().collect();
    let socket = Socket::from(TcpStream::connect(&args[1])?);
    socket.set_send_buffer_size(16 * 1024)?;
    let count: usize = args[2].parse().unwrap();
    let bytes: String = (0..=250)
        .cycle()
        .take(count)
        .map(|byte: u32| format!("{byte} "))
        .collect();
    let bytes = bytes.into_bytes();
    let mut rest = &bytes[..];
    while !rest.is_empty() {
        match socket.send(rest) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            taken => rest = &rest[taken?..],
        }
    }
    println!("{count} bytes sent");
    Ok(())
}
