//! Lesson 07, step 2: where there is no thread, one client is lost and not the server.
//!
//!     cargo run -p threaded-server --bin threaded-server-2   then: nc 127.0.0.1 9999
//!
//! What it cannot do: wait. When the descriptors have run out, `accept` fails at once,
//! and the loop calls it again at once: it burns a whole processor. Step 3 mends it.

use std::env;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:9999".to_string());
    let listener = TcpListener::bind(address)?;
    println!("Listening on {}", listener.local_addr()?);

    loop {
        match listener.accept() {
            Ok((client, peer)) => {
                println!("{peer} has come");
                if let Err(error) = start(client, peer) {
                    println!("{peer} is lost, no thread: {error}");
                }
            }
            Err(error) => println!("cannot accept: {error}"),
        }
    }
}

fn start(client: TcpStream, peer: SocketAddr) -> io::Result<()> {
    let thread = thread::Builder::new().name(peer.to_string());
    thread.spawn(move || match serve(client) {
        Ok(()) => println!("{peer} has left"),
        Err(error) => println!("{peer} is lost: {error}"),
    })?;
    Ok(())
}

fn serve(mut client: TcpStream) -> io::Result<()> {
    client.write_all(b"Welcome!\n")?;
    let mut buffer = [0; 1024];
    loop {
        let count = client.read(&mut buffer)?; // sleeps until the client says something
        // We take what one recv returned for a whole message. That is wrong: lesson 09.
        let name = buffer[..count].trim_ascii_end();
        if count == 0 || name == b"exit" {
            return Ok(());
        }
        client.write_all(&[b"Hello, ", name, b"!\n"].concat())?;
    }
}
