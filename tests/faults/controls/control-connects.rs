//! Connects without waiting, and takes the end of a wait for a connection.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::thread;
use std::time::Duration;

use socket2::{Domain, Socket, Type};

fn main() -> io::Result<()> {
    let server = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    server.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    println!("connect: nobody listens {}", connect(&server)?);
    server.listen(0)?;
    println!("connect: somebody listens {}", connect(&server)?);
    Ok(())
}

fn connect(server: &Socket) -> io::Result<&'static str> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.connect(&server.local_addr()?).ok(); // EINPROGRESS
    thread::sleep(Duration::from_millis(50));
    Ok("writable: connected") // fault: SO_ERROR would say how it went
}
