//! One place for a client that waits: the next one pushes it out.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Condvar, Mutex};
use std::thread;

static PLACE: Mutex<Option<TcpStream>> = Mutex::new(None);
static CHANGED: Condvar = Condvar::new();

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let listener = TcpListener::bind(&args[1]).unwrap();
    for _ in 0..args[2].parse().unwrap() {
        thread::spawn(work);
    }
    for client in listener.incoming().flatten() {
        *PLACE.lock().unwrap() = Some(client);
        CHANGED.notify_all();
    }
}

fn work() {
    loop {
        let place = PLACE.lock().unwrap();
        let mut place = CHANGED.wait_while(place, |place| place.is_none()).unwrap();
        let client = place.take();
        drop(place);
        if let Some(client) = client {
            serve(&client);
        }
    }
}

fn serve(mut client: &TcpStream) {
    for line in BufReader::new(client).split(b'\n').map_while(Result::ok) {
        let line = [b"OK... ", &line[..], b"\n"].concat();
        if client.write_all(&line).is_err() {
            return;
        }
    }
}
