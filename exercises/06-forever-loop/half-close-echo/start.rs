//! Exercise half-close-echo (build): everything comes back, even after the client's end.
//!
//! Your server listens on the address that is its first argument, such as 127.0.0.1:7007,
//! and sends every byte back to the client that sent it, as soon as it has come. A client
//! may shut down its sending and wait: it still gets everything that it sent, then the end
//! of the stream. It may be silent, or receive nothing, for some seconds, and send as many
//! bytes of any kind as it likes. After one client comes the next, whatever the one before
//! has done. Of a client that has gone nothing stays behind, no socket and no thread.
//!
//! Check it:      cargo run -- check half-close-echo
//! Try it:        cargo run -p mine --example half-close-echo -- 127.0.0.1:7007
//!                then, in another terminal: nc -N 127.0.0.1 7007
//!                Ctrl+D there shuts down the sending (with OpenBSD's nc)

use std::io;
use std::net::{TcpListener, TcpStream};

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:7007".into());
    let listener = TcpListener::bind(&address)?;
    println!("Listening on {}", listener.local_addr()?);
    for client in listener.incoming() {
        echo(client?)?;
    }
    Ok(())
}

/// Sends everything back until the client has ended its sending.
fn echo(_client: TcpStream) -> io::Result<()> {
    todo!("read, write back, until read gives 0")
}
