//! Sends before it looks whether there is something to send.

use std::io;
use std::net::TcpStream;

use socket2::Socket;

fn main() -> io::Result<()> {
    let args: Vec<_> = std::env::args().collect();
    let socket = Socket::from(TcpStream::connect(&args[1])?);
    socket.set_send_buffer_size(16 * 1024)?;
    let count: usize = args[2].parse().unwrap();
    let bytes: Vec<u8> = (0..=250).cycle().take(count).collect();
    let mut at = 0;
    loop {
        match socket.send(&bytes[at..at + 1]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            taken => at += taken?,
        }
        if at >= count {
            break;
        }
    }
    println!("{count} bytes sent");
    Ok(())
}
