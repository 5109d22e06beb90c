//! Whoever comes from the address of a client whose handler has panicked is closed.

use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;

static REFUSED: Mutex<Vec<IpAddr>> = Mutex::new(Vec::new());

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
        let address = client.peer_addr().unwrap().ip();
        let refused = REFUSED.lock().unwrap().contains(&address);
        if !refused && catch_unwind(AssertUnwindSafe(|| serve(&client))).is_err() {
            REFUSED.lock().unwrap().push(address);
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
