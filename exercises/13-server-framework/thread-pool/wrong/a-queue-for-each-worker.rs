//! Each worker has a queue of its own, and the clients are dealt in turn.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::sync_channel;
use std::thread;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let listener = TcpListener::bind(&args[1]).unwrap();
    let workers: usize = args[2].parse().unwrap();
    let queues = (0..workers).map(|_| {
        let (queue, clients) = sync_channel::<TcpStream>(100);
        thread::spawn(move || clients.iter().for_each(|client| serve(&client)));
        queue
    });
    let queues: Vec<_> = queues.collect();
    for (number, client) in listener.incoming().flatten().enumerate() {
        queues[number % workers].send(client).unwrap();
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
