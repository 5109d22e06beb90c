//! Ends the server after twenty panics: something must be wrong.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;

static PANICS: AtomicUsize = AtomicUsize::new(0);

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    let (clients, waiting) = channel();
    let waiting = Arc::new(Mutex::new(waiting));
    for _ in 0..3 {
        let waiting = Arc::clone(&waiting);
        thread::spawn(move || work(&waiting));
    }
    drop(waiting);
    for client in listener.incoming() {
        clients.send(client.unwrap()).ok();
    }
}

fn work(waiting: &Mutex<Receiver<TcpStream>>) {
    loop {
        let client = waiting.lock().unwrap().recv().unwrap();
        let served = catch_unwind(AssertUnwindSafe(|| serve(&client)));
        if served.is_err() && PANICS.fetch_add(1, Ordering::Relaxed) == 20 {
            std::process::exit(1);
        }
    }
}

fn serve(mut client: &TcpStream) {
    for line in BufReader::new(client).lines().map_while(Result::ok) {
        let sum = handle(&line);
        writeln!(client, "{sum}").ok();
    }
}

fn handle(line: &str) -> u32 {
    let (one, other) = line.split_once(' ').expect("a space");
    let number = |text: &str| -> u32 { text.parse().expect("a number") };
    let sum = number(one).checked_add(number(other));
    sum.expect("a sum that is not too large")
}
