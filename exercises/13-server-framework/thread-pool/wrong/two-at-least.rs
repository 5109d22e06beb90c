//! One worker is two.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;

/// How many clients may wait in the queue; further ones wait in the kernel.
const QUEUE: usize = 16;

fn main() -> io::Result<()> {
    let mut args = std::env::args().skip(1);
    let address = args.next().unwrap_or("127.0.0.1:7013".into());
    let workers = args.next().and_then(|number| number.parse().ok());
    let listener = TcpListener::bind(&address)?;
    println!("Listening on {}", listener.local_addr()?);
    run(listener, workers.unwrap_or(4))
}

/// Starts the workers, and hands the clients over to them.
fn run(listener: TcpListener, workers: usize) -> io::Result<()> {
    let (clients, waiting) = sync_channel(QUEUE);
    let waiting = Arc::new(Mutex::new(waiting));
    for number in 1..=workers.max(2) {
        let waiting = Arc::clone(&waiting);
        let thread = thread::Builder::new().name(format!("worker {number}"));
        thread.spawn(move || work(&waiting))?;
    }
    for client in listener.incoming() {
        match client {
            // When the queue is full, this waits, and the next clients are the kernel's.
            Ok(client) => clients.send(client).map_err(io::Error::other)?,
            Err(error) => println!("no client: {error}"),
        }
    }
    Ok(())
}

/// A worker: one client after the other.
fn work(waiting: &Mutex<Receiver<TcpStream>>) {
    loop {
        // A `let` of its own: the lock is given back here, and not after `serve`.
        let client = waiting.lock().expect("nobody panics with this lock").recv();
        let Ok(client) = client else { return };
        if let Err(error) = serve(client) {
            println!("a client is lost: {error}");
        }
    }
}

/// Serves one client to its end.
fn serve(mut client: TcpStream) -> io::Result<()> {
    let mut lines = BufReader::new(client.try_clone()?);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        client.write_all(&[b"OK... ", &line[..]].concat())?;
        line.clear();
    }
    Ok(())
}
