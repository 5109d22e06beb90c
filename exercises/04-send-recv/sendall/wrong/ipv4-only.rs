//! Makes a socket of IPv4, whatever the address is.

use std::io::{self, ErrorKind};
use std::net::{Shutdown, SocketAddr};

use socket2::{Domain, Socket, Type};

fn main() -> io::Result<()> {
    let mut args = std::env::args().skip(1);
    let missing = || io::Error::other("type HOST:PORT COUNT");
    let address = args.next().ok_or_else(missing)?;
    let count = args.next().ok_or_else(missing)?;
    let address: SocketAddr = address.parse().map_err(io::Error::other)?;
    let count: usize = count.parse().map_err(io::Error::other)?;
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    // A small buffer in the kernel: so it is full soon, and send waits often.
    socket.set_send_buffer_size(16 * 1024)?;
    socket.connect(&address.into())?;
    send_all(&socket, &pattern(count))?;
    socket.shutdown(Shutdown::Write)?;
    println!("{count} bytes sent");
    Ok(())
}

/// COUNT bytes: 0, 1, 2, up to 250, then 0 again.
fn pattern(count: usize) -> Vec<u8> {
    (0..=250).cycle().take(count).collect()
}

/// Sends all of these bytes, with as many calls of send as it takes.
fn send_all(socket: &Socket, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match socket.send(bytes) {
            Ok(count) => bytes = &bytes[count..],
            // A signal came before a byte was taken: once more.
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
