//! What a client said beyond its last line stays with its worker, for the next client.

use std::io::{BufRead, BufReader, Read, Write};
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
    let mut input = Vec::new();
    loop {
        let client = waiting.lock().unwrap().recv().unwrap();
        catch_unwind(AssertUnwindSafe(|| serve(&client, &mut input))).ok();
    }
}

fn serve(mut client: &TcpStream, input: &mut Vec<u8>) {
    let mut chunk = [0; 4096];
    loop {
        while let Some(end) = input.iter().position(|byte| *byte == b'\n') {
            let line = String::from_utf8(input.drain(..=end).collect());
            let sum = handle(line.unwrap().trim_end());
            writeln!(client, "{sum}").ok();
        }
        match client.read(&mut chunk) {
            Ok(0) | Err(_) => return input.clear(),
            Ok(count) => input.extend(&chunk[..count]),
        }
    }
}

fn handle(line: &str) -> u32 {
    let (one, other) = line.split_once(' ').expect("a space");
    let number = |text: &str| -> u32 { text.parse().expect("a number") };
    let sum = number(one).checked_add(number(other));
    sum.expect("a sum that is not too large")
}
