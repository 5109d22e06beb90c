//! Lesson 13, step 1: the loop is the framework's, the function is yours.
//!
//!     cargo run -p server-framework --bin server-framework-1   then: nc 127.0.0.1 2525
//!
//! What it cannot do: remember anything from one client to the next. A function has no
//! place for it. Step 2 mends it. (Errors of accept that are no end: lesson 07. A close
//! that loses no word: lesson 05. The library has both.)

use std::env;
use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:2525".to_string());
    let listener = TcpListener::bind(address)?;
    println!("Listening on {}", listener.local_addr()?);
    serve_forever(&listener, hello)
}

/// The framework: written once, for all servers.
fn serve_forever(
    listener: &TcpListener,
    handler: fn(&TcpStream) -> io::Result<()>,
) -> io::Result<()> {
    loop {
        let (client, peer) = listener.accept()?;
        if let Err(error) = handler(&client) {
            println!("{peer} is lost: {error}");
        }
    }
}

/// The handler: what this server is for.
fn hello(mut client: &TcpStream) -> io::Result<()> {
    client.write_all(b"Hello World!\n")
}
