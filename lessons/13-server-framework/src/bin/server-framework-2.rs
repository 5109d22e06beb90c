//! Lesson 13, step 2: the handler is a closure, which remembers how many are here.
//!
//!     cargo run -p server-framework --bin server-framework-2   then: nc 127.0.0.1 2525
//!
//! What it cannot do: serve a second client while the first one thinks. Step 3 mends it.

use std::env;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:2525".to_string());
    let listener = TcpListener::bind(address)?;
    println!("Listening on {}", listener.local_addr()?);

    let mut here = 0;
    serve_forever(&listener, |client| {
        here += 1;
        println!("{here} here");
        echo(client)?;
        here -= 1;
        println!("{here} here");
        Ok(())
    })
}

/// The framework: written once, for all servers.
fn serve_forever(
    listener: &TcpListener,
    mut handler: impl FnMut(&TcpStream) -> io::Result<()>,
) -> io::Result<()> {
    loop {
        let (client, peer) = listener.accept()?;
        if let Err(error) = handler(&client) {
            println!("{peer} is lost: {error}");
        }
    }
}

fn echo(mut client: &TcpStream) -> io::Result<()> {
    let mut chunk = [0; 4096];
    loop {
        let count = client.read(&mut chunk)?;
        if count == 0 {
            return Ok(()); // the client has closed
        }
        client.write_all(&chunk[..count])?;
    }
}
