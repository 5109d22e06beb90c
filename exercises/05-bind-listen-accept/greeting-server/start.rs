//! Exercise greeting-server (build): greet one client after another by name.
//!
//! Your server listens on the address that is its first argument, such as 127.0.0.1:7005
//! or [::1]:7005, and on no other. A client sends its name and the end of a line, `\n` or
//! `\r\n`. The server answers `Hello, NAME!` and `\n`, and closes the connection. Then it
//! is the next client's turn. A name is 0 to 4000 bytes: it may hold letters of any
//! alphabet, and blanks are a part of it. A client may be silent for some seconds. One
//! that leaves before its line has ended gets no answer, and the server goes on. Of a
//! client that has gone nothing stays behind, no socket and no thread. You may serve
//! several at once.
//!
//! Check it:      cargo run -- check greeting-server
//! Try it:        cargo run -p mine --example greeting-server -- 127.0.0.1:7005
//!                then, in another terminal: nc 127.0.0.1 7005

use std::io;
use std::net::{SocketAddr, TcpStream};

use socket2::Socket;

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

/// A socket that listens on this address.
fn listen(_address: SocketAddr) -> io::Result<Socket> {
    todo!("Socket::new, set_reuse_address, bind, listen")
}

/// Reads a line, and answers it.
fn greet(_client: TcpStream) -> io::Result<()> {
    todo!("read up to the end of the line, however many pieces it comes in")
}
