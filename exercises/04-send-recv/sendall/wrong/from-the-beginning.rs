//! Sends the whole again when a part was taken.

use std::io;
use std::net::TcpStream;

use socket2::Socket;

fn main() -> io::Result<()> {
    let args: Vec<_> = std::env::args().collect();
    let socket = Socket::from(TcpStream::connect(&args[1])?);
    socket.set_send_buffer_size(16 * 1024)?;
    let count: usize = args[2].parse().unwrap();
    let bytes: Vec<u8> = (0..=250).cycle().take(count).collect();
    while socket.send(&bytes)? < bytes.len() {}
    println!("{count} bytes sent");
    Ok(())
}
