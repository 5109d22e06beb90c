//! Does not call the handler with an empty line.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;

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
        catch_unwind(AssertUnwindSafe(|| serve(&client))).ok();
    }
}

fn serve(mut client: &TcpStream) {
    for line in BufReader::new(client).lines().map_while(Result::ok) {
        if line.is_empty() {
            continue;
        }
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
