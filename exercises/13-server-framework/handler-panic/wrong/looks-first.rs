//! Each line is looked at before the handler sees it, so that it never panics.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
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
    for _ in 0..WORKERS {
        let waiting = Arc::clone(&waiting);
        thread::spawn(move || work(&waiting));
    }
    for client in listener.incoming() {
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
        // AssertUnwindSafe: all that the panic leaves half done is this client's own, and it
        // is dropped with it.
        match catch_unwind(AssertUnwindSafe(|| serve(client))) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => println!("a client is lost: {error}"),
            Err(_) => println!("a client is lost: its handler has panicked"),
        }
    }
}

/// Has each line of a client handled, until it has ended its sending.
fn serve(mut client: TcpStream) -> io::Result<()> {
    client.set_read_timeout(Some(PATIENCE))?;
    client.set_write_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(client.try_clone()?);
    loop {
        let mut line = String::new();
        let mut limited = reader.by_ref().take(LONGEST_LINE);
        if limited.read_line(&mut line)? == 0 {
            return Ok(());
        }
        if !is_a_sum(line.trim_end()) {
            return Ok(());
        }
        let answer = handle(line.trim_end());
        client.write_all(format!("{answer}\n").as_bytes())?;
    }
}

/// Whether the handler can add them.
fn is_a_sum(line: &str) -> bool {
    let Some((one, other)) = line.split_once(' ') else {
        return false;
    };
    let (one, other) = (one.parse::<u32>(), other.parse::<u32>());
    one.is_ok_and(|one| other.is_ok_and(|other| one.checked_add(other).is_some()))
}

/// The handler: the sum of two numbers.
fn handle(line: &str) -> u32 {
    let (one, other) = line.split_once(' ').expect("a space");
    let number = |text: &str| -> u32 { text.parse().expect("a number") };
    let sum = number(one).checked_add(number(other));
    sum.expect("a sum that is not too large")
}
