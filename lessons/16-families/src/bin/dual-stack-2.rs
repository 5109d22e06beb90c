//! Lesson 16, step 2: one socket for both families, on every system.
//!
//!     cargo run -p families --bin dual-stack-2 -- [::]:4646   then: nc 127.0.0.1 4646
//!
//! What it cannot do: serve both families on loopback only. No address means that. The
//! lesson's program takes two sockets.

use std::env;
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, Socket, Type};

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("[::1]:4646".to_string());
    let address: SocketAddr = address.parse().map_err(io::Error::other)?;
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?; // before bind
    }
    #[cfg(unix)]
    socket.set_reuse_address(true)?; // lesson 05
    socket.bind(&address.into())?;
    socket.listen(128)?;
    let listener = TcpListener::from(socket);
    println!("Listening on {}", listener.local_addr()?);

    loop {
        let (mut client, peer) = listener.accept()?;
        let ip = peer.ip().to_canonical(); // ::ffff:127.0.0.1 is 127.0.0.1
        println!("{peer} has come, which is {ip}");
        client.write_all(format!("You are {ip}.\n").as_bytes())?;
    }
}
