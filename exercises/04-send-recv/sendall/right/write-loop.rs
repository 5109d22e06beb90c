//! A loop over std's write, with a timeout and the smallest buffer.

use std::io::{self, Write};
use std::net::TcpStream;

use socket2::Socket;

fn main() -> io::Result<()> {
    let args: Vec<_> = std::env::args().collect();
    let socket = Socket::from(TcpStream::connect(&args[1])?);
    socket.set_send_buffer_size(1)?; // the kernel makes it 4608
    let count: usize = args[2].parse().unwrap();
    let bytes: Vec<u8> = (0..=250).cycle().take(count).collect();
    let mut stream = TcpStream::from(socket);
    stream.set_write_timeout(Some(std::time::Duration::from_secs(5)))?;
    let mut sent = 0;
    while sent < count {
        sent += match stream.write(&bytes[sent..]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
            taken => taken?,
        };
    }
    println!("{count} bytes sent");
    Ok(())
}
