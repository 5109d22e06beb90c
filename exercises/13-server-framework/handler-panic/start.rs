//! Exercise handler-panic (repair): a framework whose users' mistakes wear it out.
//!
//! The server listens on the address that is its first argument, such as 127.0.0.1:7113.
//! Three workers serve three clients at a time; further ones wait. The handler is called
//! with each line of a client: two whole numbers with one space between them, `12 30`. Its
//! answer, `42`, is sent as a line.
//!
//! The handler is the part that others write, and others make mistakes: with a line that it
//! did not expect it panics. In place of an answer, such a client then sees the end of its
//! connection; the lines that it has sent before are answered, and none that come after. All
//! others are to notice nothing, however often it happens; and nothing of a client that
//! resets its connection.
//!
//! So it is meant. The users write: "Friday evening we start it, and all is well. On Monday
//! one can connect, and type, and nobody answers. There is nothing wrong with the clients
//! who wait; the server idles. Started again, it works, until the next Monday." Repair it.
//! The handler stays as it is, and is called with every line: the next one would have other
//! mistakes. Why it has panicked can still be read on standard error.
//!
//! Check it:      cargo run -- check handler-panic
//! Try it:        cargo run -p mine --example handler-panic -- 127.0.0.1:7113
//!                then, in another terminal: nc 127.0.0.1 7113

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
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

/// A worker: one client after the other.
fn work(waiting: &Mutex<Receiver<TcpStream>>) {
    loop {
        let client = waiting.lock().expect("nobody panics with this lock").recv();
        let Ok(client) = client else { return };
        if let Err(error) = serve(client) {
            println!("a client is lost: {error}");
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
