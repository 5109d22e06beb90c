//! Catches the panic of each line, and answers `error`.

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
        match catch_unwind(|| handle(&line)) {
            Ok(sum) => writeln!(client, "{sum}").ok(),
            Err(_) => writeln!(client, "error").ok(),
        };
    }
}

fn handle(line: &str) -> u32 {
    let (one, other) = line.split_once(' ').unwrap();
    let (one, other): (u32, u32) = (one.parse().unwrap(), other.parse().unwrap());
    one.checked_add(other).unwrap()
}
