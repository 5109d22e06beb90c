//! Its socket is one of IPv4, whatever the address is.

use socket2::{Domain, Socket, Type};
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
fn main() -> io::Result<()> {
    let address: SocketAddr = std::env::args()
        .nth(1)
        .unwrap()
        .parse()
        .map_err(io::Error::other)?;
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(64)?;
    let listener = TcpListener::from(socket);
    println!("Listening on {address}");
    for client in listener.incoming() {
        if let Err(error) = client.and_then(greet) {
            println!("this client is lost: {error}");
        }
    }
    Ok(())
}
fn greet(mut client: TcpStream) -> io::Result<()> {
    client.write_all(b"Hello, client!\n")
}
