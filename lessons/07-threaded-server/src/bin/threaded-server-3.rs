//! Lesson 07, step 3: without a descriptor the loop waits, longer each time.
//!
//!     cargo run -p threaded-server --bin threaded-server-3   then: nc 127.0.0.1 9999
//!
//! What it cannot do: say no. Whoever finds no place is connected, and hears nothing, for
//! as long as the others like to stay. Step 4 mends it.

use std::env;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

const FIRST_WAIT: Duration = Duration::from_millis(5);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:9999".to_string());
    let listener = TcpListener::bind(address)?;
    println!("Listening on {}", listener.local_addr()?);

    let mut wait = FIRST_WAIT;
    loop {
        match listener.accept() {
            Ok((client, peer)) => {
                wait = FIRST_WAIT;
                println!("{peer} has come");
                if let Err(error) = start(client, peer) {
                    println!("{peer} is lost, no thread: {error}");
                }
            }
            Err(error) => {
                println!("cannot accept: {error}; next try in {wait:?}");
                thread::sleep(wait);
                wait = (wait * 2).min(LONGEST_WAIT);
            }
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
