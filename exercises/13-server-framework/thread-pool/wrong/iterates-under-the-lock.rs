//! One worker iterates over the queue under its lock, for ever; the others wait for the lock.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, mpsc::sync_channel};
use std::thread;

fn main() {
    let args: Vec<_> = std::env::args().collect();
    let listener = TcpListener::bind(&args[1]).unwrap();
    let (clients, waiting) = sync_channel::<TcpStream>(10);
    let waiting = Arc::new(Mutex::new(waiting));
    for _ in 0..args[2].parse().unwrap() {
        let waiting = Arc::clone(&waiting);
        thread::spawn(move || {
            for client in waiting.lock().unwrap().iter() {
                serve(&client);
            }
        });
    }
    for client in listener.incoming().flatten() {
        clients.send(client).unwrap();
    }
}

fn serve(mut client: &TcpStream) {
    let lines = BufReader::new(client).split(b'\n');
    for line in lines.map_while(Result::ok) {
        let answer = [b"OK... ", &line[..], b"\n"].concat();
        client.write_all(&answer).ok();
    }
}
