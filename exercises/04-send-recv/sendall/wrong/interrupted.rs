//! With a timeout an interrupted send is an error, and is not tried again.

use std::io::{self, Write};
use std::net::TcpStream;

use socket2::Socket;

fn main() -> io::Result<()> {
    let args: Vec<_> = std::env::args().collect();
    let socket = Socket::from(TcpStream::connect(&args[1])?);
    socket.set_send_buffer_size(16 * 1024)?;
    let count: usize = args[2].parse().unwrap();
    let bytes: Vec<u8> = (0..=250).cycle().take(count).collect();
    socket.set_write_timeout(Some(std::time::Duration::from_secs(10)))?;
    let mut rest = &bytes[..];
    while !rest.is_empty() {
        rest = &rest[socket.send(rest)?..];
    }
    println!("{count} bytes sent");
    Ok(())
}
