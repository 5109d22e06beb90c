//! Passes over a full buffer: nonblocking, and WouldBlock is no error.

use std::io;
use std::net::TcpStream;

use socket2::Socket;

fn main() -> io::Result<()> {
    let args: Vec<_> = std::env::args().collect();
    let socket = Socket::from(TcpStream::connect(&args[1])?);
    socket.set_send_buffer_size(16 * 1024)?;
    let count: usize = args[2].parse().unwrap();
    let bytes: Vec<u8> = (0..=250).cycle().take(count).collect();
    socket.set_nonblocking(true)?;
    for chunk in bytes.chunks(4096) {
        match socket.send(chunk) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            taken => drop(taken?),
        }
    }
    println!("{count} bytes sent");
    Ok(())
}
