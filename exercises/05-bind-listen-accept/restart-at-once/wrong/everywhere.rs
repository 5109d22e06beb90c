//! Listens on all addresses of the machine.

use std::io::{self, Write};
use std::net::{SocketAddr, TcpStream};

use socket2::{Domain, Socket, Type};

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:7005".into());
    let address: SocketAddr = address.parse().map_err(io::Error::other)?;
    let listener = listen(address)?;
    println!("Listening on {address}");
    loop {
        let (client, _) = listener.accept()?;
        if let Err(error) = greet(client.into()) {
            println!("this client is lost: {error}");
        }
    }
}

fn listen(address: SocketAddr) -> io::Result<Socket> {
    let listener = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // The server closes first, so its end of each connection waits in TIME_WAIT, on this
    // port. With this option bind passes it. A listener that lives still holds the port.
    listener.set_reuse_address(true)?;
    let everywhere = SocketAddr::from(([0, 0, 0, 0], address.port()));
    listener.bind(&everywhere.into())?;
    listener.listen(128)?;
    Ok(listener)
}

fn greet(mut client: TcpStream) -> io::Result<()> {
    client.write_all(b"Hello, client!\n")
}
