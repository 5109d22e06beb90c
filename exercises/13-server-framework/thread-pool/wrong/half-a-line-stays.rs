//! The buffer is the worker's: half a line of one client is the start of the next one's.

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
        thread::spawn(move || {
            let mut input = Vec::new();
            loop {
                let client: TcpStream = waiting.lock().unwrap().recv().unwrap();
                serve(&client, &mut input).ok();
            }
        });
    }
    for client in listener.incoming() {
        clients.send(client.unwrap()).unwrap();
    }
}

fn serve(mut client: &TcpStream, input: &mut Vec<u8>) -> std::io::Result<()> {
    let mut lines = BufReader::new(client);
    while lines.read_until(b'\n', input)? > 0 {
        if input.ends_with(b"\n") {
            client.write_all(&[b"OK... ", &input[..]].concat())?;
            input.clear();
        }
    }
    Ok(())
}
