//! A lost worker is replaced when the next client comes, and not before.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

const WORKERS: usize = 3;
const QUEUE: usize = 16;
const LONGEST_LINE: u64 = 4096;
const PATIENCE: Duration = Duration::from_secs(30); // with a client that says nothing

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:7113".into());
    let listener = TcpListener::bind(&address)?;
    println!("Listening on {}", listener.local_addr()?);
    let (clients, waiting) = sync_channel(QUEUE);
    let waiting = Arc::new(Mutex::new(waiting));
    let start = || {
        let waiting = Arc::clone(&waiting);
        thread::spawn(move || work(&waiting))
    };
    (0..WORKERS).for_each(|_| drop(start()));
    for client in listener.incoming() {
        for _ in 0..LOST.swap(0, Ordering::SeqCst) {
            start();
        }
        match client {
            Ok(client) => clients.send(client).map_err(io::Error::other)?,
            Err(error) => {
                println!("no client: {error}");
                thread::sleep(Duration::from_millis(50)); // perhaps a descriptor gets free
            }
        }
    }
    Ok(())
}

/// A worker: one client after the other. It outlives them all.
fn work(waiting: &Mutex<Receiver<TcpStream>>) {
    loop {
        let client = waiting.lock().expect("nobody panics with this lock").recv();
        let Ok(client) = client else { return };
        if let Err(error) = serve(client) {
            println!("a client is lost: {error}");
        }
    }
}

/// The workers that were lost since a client came.
static LOST: AtomicUsize = AtomicUsize::new(0);

/// Dropped before the client is: who sees the end of the connection is counted.
struct Counted;

impl Drop for Counted {
    fn drop(&mut self) {
        if thread::panicking() {
            LOST.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// Has each line of a client handled, until it has ended its sending.
fn serve(mut client: TcpStream) -> io::Result<()> {
    let _counted = Counted;
    client.set_read_timeout(Some(PATIENCE))?;
    client.set_write_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(client.try_clone()?);
    loop {
        let mut line = String::new();
        let mut limited = reader.by_ref().take(LONGEST_LINE);
        if limited.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let answer = handle(line.trim_end());
        client.write_all(format!("{answer}\n").as_bytes())?;
    }
}

/// The handler: the sum of two numbers.
fn handle(line: &str) -> u32 {
    let (one, other) = line.split_once(' ').expect("a space");
    let number = |text: &str| -> u32 { text.parse().expect("a number") };
    let sum = number(one).checked_add(number(other));
    sum.expect("a sum that is not too large")
}
