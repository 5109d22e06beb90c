//! Lesson 13, step 3: a thread for each client, and one handler for all of them.
//!
//!     cargo run -p server-framework --bin server-framework-3   then: nc 127.0.0.1 2525
//!
//! What it cannot do: count right. A client that is lost is never taken off: `?` leaves
//! the handler before its last lines. Step 4 mends it.

use std::env;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:2525".to_string());
    let listener = TcpListener::bind(address)?;
    println!("Listening on {}", listener.local_addr()?);

    let here = AtomicUsize::new(0);
    serve_forever(&listener, move |client| {
        println!("{} here", here.fetch_add(1, SeqCst) + 1);
        echo(client)?;
        println!("{} here", here.fetch_sub(1, SeqCst) - 1);
        Ok(())
    })
}

/// The framework: written once, for all servers.
fn serve_forever(
    listener: &TcpListener,
    handler: impl Fn(&TcpStream) -> io::Result<()> + Send + Sync + 'static,
) -> io::Result<()> {
    let handler = Arc::new(handler);
    loop {
        let (client, peer) = listener.accept()?;
        let handler = Arc::clone(&handler);
        let job = move || {
            if let Err(error) = handler(&client) {
                println!("{peer} is lost: {error}");
            }
        };
        thread::Builder::new().spawn(job)?;
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
