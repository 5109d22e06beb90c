//! Exercise restart-at-once (repair): the server that cannot come back.
//!
//! This server greets each client with `Hello, client!` and `\n`, and closes. It works. But
//! when it is stopped and started again, it often says that the address is already in use,
//! for a whole minute, although nobody else has the port. Repair it: a restart on the same
//! address, of either family, must work at once. A second copy beside a running one must
//! still be refused, and fail. All else stays: where it listens, and that it closes first.
//!
//! Check it:      cargo run -- check restart-at-once
//! Try it:        cargo run -p mine --example restart-at-once -- 127.0.0.1:7005
//!                then, in another terminal: nc 127.0.0.1 7005
//!                then stop it with Ctrl+C, and start it again

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
    listener.bind(&address.into())?;
    listener.listen(128)?;
    Ok(listener)
}

fn greet(mut client: TcpStream) -> io::Result<()> {
    client.write_all(b"Hello, client!\n")
}
