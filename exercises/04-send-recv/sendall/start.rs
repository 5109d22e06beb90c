//! Exercise sendall (build): send any number of bytes with send alone, and lose none.
//!
//! Your program has two arguments: an address, such as 127.0.0.1:7004 or [::1]:7004, and
//! COUNT. It connects, and sends COUNT bytes. Byte number i is i mod 251, and the first
//! has the number 0: so the bytes are 0, 1, 2, up to 250, then 0 again. Then it ends its
//! sending, and its last line of output is, for a COUNT of 1000, `1000 bytes sent`. The
//! exit code is 0. If not all bytes can be sent, because nobody listens there or the
//! connection was reset, it ends with an error message and exit code 1.
//!
//! The peer may receive slowly, and nothing at all for some seconds. And whoever runs
//! your program may press Ctrl+Z in the middle, and then type fg: the send that was
//! waiting may then have taken only a part of the bytes. No byte may be lost by that.
//! (With a timeout on the socket, send could fail with Interrupted instead. A careful
//! program calls it again.) Use socket.send in a loop of your own: write_all has that
//! loop inside, and you would learn nothing from it.
//!
//! Check it:      cargo run -- check sendall
//! Try it:        nc -l 127.0.0.1 7004 | wc -c
//!                then, in another terminal:
//!                cargo run -p mine --example sendall -- 127.0.0.1:7004 3000000

use std::io;
use std::net::{Shutdown, SocketAddr};

use socket2::{Domain, Socket, Type};

fn main() -> io::Result<()> {
    let mut args = std::env::args().skip(1);
    let missing = || io::Error::other("type HOST:PORT COUNT");
    let address = args.next().ok_or_else(missing)?;
    let count = args.next().ok_or_else(missing)?;
    let address: SocketAddr = address.parse().map_err(io::Error::other)?;
    let count: usize = count.parse().map_err(io::Error::other)?;
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // A small buffer in the kernel: so it is full soon, and send waits often.
    socket.set_send_buffer_size(16 * 1024)?;
    socket.connect(&address.into())?;
    send_all(&socket, &pattern(count))?;
    socket.shutdown(Shutdown::Write)?;
    println!("{count} bytes sent");
    Ok(())
}

/// COUNT bytes: 0, 1, 2, up to 250, then 0 again.
fn pattern(_count: usize) -> Vec<u8> {
    todo!("byte number i is i mod 251")
}

/// Sends all of these bytes, with as many calls of send as it takes.
fn send_all(_socket: &Socket, _bytes: &[u8]) -> io::Result<()> {
    todo!("send says how many bytes it took: the rest is sent again")
}
