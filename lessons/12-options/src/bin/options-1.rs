//! Lesson 12, step 1: three options of a socket: ask, set, ask again.
//!
//!     cargo run -p options --bin options-1
//!
//! What it cannot do: go on after an option that the kernel refuses (step 2).

use std::io;

use socket2::{Domain, Socket, Type};

fn main() -> io::Result<()> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;

    println!("TCP_NODELAY {}", socket.tcp_nodelay()?);
    socket.set_tcp_nodelay(true)?;
    println!("TCP_NODELAY {}", socket.tcp_nodelay()?);

    println!("SO_RCVBUF {}", socket.recv_buffer_size()?);
    socket.set_recv_buffer_size(50_000)?;
    println!("SO_RCVBUF {}", socket.recv_buffer_size()?);

    println!("IP_TTL {}", socket.ttl_v4()?);
    socket.set_ttl_v4(5)?;
    println!("IP_TTL {}", socket.ttl_v4()?);
    Ok(())
}
