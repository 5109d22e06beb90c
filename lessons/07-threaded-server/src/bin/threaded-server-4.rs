//! Lesson 07, step 4: a limit, and an answer to the one who is too many.
//!
//!     cargo run -p threaded-server --bin threaded-server-4   then: nc 127.0.0.1 9999
//!
//! What it cannot do: end well. Ctrl+C cuts everybody off in the middle of a talk. Step 5
//! mends it. (And the loop waits while it sends somebody away, 0.3 s at most: the last
//! step.)

use std::env;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use shared::close_gracefully; // as in lesson 05: shutdown, read what comes, close

const MOST_CLIENTS: usize = 3; // so few that you can try it
const PATIENCE: Duration = Duration::from_secs(300); // for one recv, and for one send
const GOODBYE: Duration = Duration::from_millis(300); // for a client to see our end
const FULL: &[u8] = b"error: this server is full, try again later\n";
const FIRST_WAIT: Duration = Duration::from_millis(5);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:9999".to_string());
    let listener = TcpListener::bind(address)?;
    println!("Listening on {}", listener.local_addr()?);

    let mut threads: Vec<JoinHandle<()>> = Vec::new();
    let mut wait = FIRST_WAIT;
    loop {
        let accepted = listener.accept();
        threads.retain(|thread| !thread.is_finished());
        match accepted {
            Ok((client, peer)) if threads.len() >= MOST_CLIENTS => refuse(client, peer),
            Ok((client, peer)) => {
                wait = FIRST_WAIT;
                println!("{peer} has come");
                match start(client, peer) {
                    Ok(thread) => threads.push(thread),
                    Err(error) => println!("{peer} is lost, no thread: {error}"),
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

fn refuse(mut client: TcpStream, peer: SocketAddr) {
    println!("{peer} is sent away: the server is full");
    client.write_all(FULL).ok();
    close_gracefully(client, GOODBYE);
}

fn start(client: TcpStream, peer: SocketAddr) -> io::Result<JoinHandle<()>> {
    let thread = thread::Builder::new().name(peer.to_string());
    thread.spawn(move || match serve(client) {
        Ok(()) => println!("{peer} has left"),
        Err(error) => println!("{peer} is lost: {error}"),
    })
}

fn serve(mut client: TcpStream) -> io::Result<()> {
    client.set_read_timeout(Some(PATIENCE))?; // a silent client gives its place back
    client.set_write_timeout(Some(PATIENCE))?;
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
