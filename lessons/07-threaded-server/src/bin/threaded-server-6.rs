//! Lesson 07, step 6: Ctrl+C ends every talk, and then waits for the threads.
//!
//!     cargo run -p threaded-server --bin threaded-server-6   then: nc 127.0.0.1 9999
//!
//! What it cannot do: say goodbye to the queue, take a thousand clients in one moment,
//! tell two lines in one recv apart. The last step, `threaded-server`, mends these three.

use std::env;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use shared::{close_gracefully, shutdown_and_drain}; // the second without the close

const MOST_CLIENTS: usize = 3; // so few that you can try it
const PATIENCE: Duration = Duration::from_secs(300); // for one recv, and for one send
const GOODBYE: Duration = Duration::from_millis(300); // for a client to see our end
const FULL: &[u8] = b"error: this server is full, try again later\n";
const FIRST_WAIT: Duration = Duration::from_millis(5);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

static ENDING: AtomicBool = AtomicBool::new(false); // set by Ctrl+C

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:9999".to_string());
    let listener = TcpListener::bind(address)?;
    let own = listener.local_addr()?;
    println!("Listening on {own}");
    ctrlc::set_handler(move || wake(own)).map_err(io::Error::other)?;

    let mut threads: Vec<JoinHandle<()>> = Vec::new();
    let mut streams: Vec<Weak<TcpStream>> = Vec::new();
    let mut wait = FIRST_WAIT;
    while !ENDING.load(SeqCst) {
        let accepted = listener.accept();
        threads.retain(|thread| !thread.is_finished());
        streams.retain(|stream| stream.strong_count() > 0);
        match accepted {
            Ok(_) if ENDING.load(SeqCst) => {} // that was our own connection, of `wake`
            Ok((client, peer)) if threads.len() >= MOST_CLIENTS => refuse(client, peer),
            Ok((client, peer)) => {
                wait = FIRST_WAIT;
                println!("{peer} has come");
                let client = Arc::new(client);
                streams.push(Arc::downgrade(&client));
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
    shut_down(&streams, Shutdown::Write); // they see the end, and most close
    thread::sleep(GOODBYE);
    shut_down(&streams, Shutdown::Read); // the others: recv returns 0 all the same
    join(threads);
    Ok(())
}

fn join(threads: Vec<JoinHandle<()>>) {
    for thread in threads {
        thread.join().ok(); // an error is a panic, and was printed
    }
}

/// Runs on a thread of ctrlc's, while `main` sleeps in accept: lesson 06.
fn wake(own: SocketAddr) {
    ENDING.store(true, SeqCst);
    TcpStream::connect(own).ok();
}

fn shut_down(streams: &[Weak<TcpStream>], half: Shutdown) {
    for stream in streams {
        if let Some(stream) = stream.upgrade() {
            stream.shutdown(half).ok(); // it fails where the client has reset
        }
    }
}

fn refuse(mut client: TcpStream, peer: SocketAddr) {
    println!("{peer} is sent away: the server is full");
    client.write_all(FULL).ok();
    close_gracefully(client, GOODBYE);
}

fn start(client: Arc<TcpStream>, peer: SocketAddr) -> io::Result<JoinHandle<()>> {
    let thread = thread::Builder::new().name(peer.to_string());
    thread.spawn(move || {
        match serve(&client) {
            Ok(()) => println!("{peer} has left"),
            Err(error) => println!("{peer} is lost: {error}"),
        }
        shutdown_and_drain(&*client, GOODBYE);
    })
}

fn serve(mut client: &TcpStream) -> io::Result<()> {
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
