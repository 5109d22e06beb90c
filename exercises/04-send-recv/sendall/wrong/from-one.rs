//! Begins to count at 1.

use std::io;
use std::net::TcpStream;

use socket2::Socket;

fn main() -> io::Result<()> {
    let args: Vec<_> = std::env::args().collect();
    let socket = Socket::from(TcpStream::connect(&args[1])?);
    socket.set_send_buffer_size(16 * 1024)?;
    let count: usize = args[2].parse().unwrap();
    let bytes: Vec<u8> = (0..=250).cycle().skip(1).take(count).collect();
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
