//! After a lost client a worker starts another one, and waits for its end.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

fn main() {
    let args: Vec<_> = std::env::args().collect();
    let listener = TcpListener::bind(&args[1]).unwrap();
    let workers: usize = args[2].parse().unwrap();
    let (clients, waiting) = channel();
    let waiting = Mutex::new(waiting);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| work(&waiting));
        }
        for client in listener.incoming() {
            clients.send(client.unwrap()).unwrap();
        }
    });
}

fn work(waiting: &Mutex<Receiver<TcpStream>>) {
    loop {
        let client = waiting.lock().unwrap().recv().unwrap();
        if serve(&client).is_err() {
            thread::scope(|scope| {
                scope.spawn(|| work(waiting));
            });
        }
    }
}

fn serve(mut client: &TcpStream) -> std::io::Result<()> {
    let mut lines = BufReader::new(client);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        client.write_all(&[b"OK... ", &line[..]].concat())?;
        line.clear();
    }
    Ok(())
}
