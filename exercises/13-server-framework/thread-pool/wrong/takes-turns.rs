//! After each line a client goes to the end of the queue.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;

fn main() {
    let args: Vec<_> = std::env::args().collect();
    let listener = TcpListener::bind(&args[1]).unwrap();
    let workers: usize = args[2].parse().unwrap();
    let (clients, waiting) = channel();
    let waiting = Arc::new(Mutex::new(waiting));
    for _ in 0..workers {
        let waiting = Arc::clone(&waiting);
        let again = clients.clone();
        thread::spawn(move || {
            loop {
                let client: TcpStream = waiting.lock().unwrap().recv().unwrap();
                if serve(&client).is_ok_and(|more| more) {
                    again.send(client).unwrap();
                }
            }
        });
    }
    for client in listener.incoming() {
        clients.send(client.unwrap()).unwrap();
    }
}

fn serve(mut client: &TcpStream) -> std::io::Result<bool> {
    let mut line = Vec::new();
    BufReader::new(client).read_until(b'\n', &mut line)?;
    if !line.is_empty() {
        client.write_all(&[b"OK... ", &line[..]].concat())?;
    }
    Ok(!line.is_empty())
}
