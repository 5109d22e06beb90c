//! Lesson 07, step 1: a thread for each client.
//!
//!     cargo run -p threaded-server --bin threaded-server-1   then: nc 127.0.0.1 9999
//!
//! What it cannot do: bear a machine that has nothing left to give. Where there is no
//! thread for one client, `thread::spawn` panics, and that is the end for all. Step 2
//! mends it.

use std::env;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:9999".to_string());
    let listener = TcpListener::bind(address)?;
    println!("Listening on {}", listener.local_addr()?);

    loop {
        match listener.accept() {
            Ok((client, peer)) => {
                println!("{peer} has come");
                thread::spawn(move || match serve(client) {
                    Ok(()) => println!("{peer} has left"),
                    Err(error) => println!("{peer} is lost: {error}"),
                });
            }
            Err(error) => println!("cannot accept: {error}"),
        }
    }
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
