//! Takes all who have come at once, and wakes one worker.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Condvar, Mutex};
use std::thread;

fn main() {
    let args: Vec<_> = std::env::args().collect();
    let listener = TcpListener::bind(&args[1]).unwrap();
    let workers: usize = args[2].parse().unwrap();
    let (queue, more) = (Mutex::new(VecDeque::new()), Condvar::new());
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let clients = queue.lock().unwrap();
                    let empty = |all: &mut VecDeque<TcpStream>| all.is_empty();
                    let mut clients = more.wait_while(clients, empty).unwrap();
                    let client = clients.pop_front().unwrap();
                    drop(clients);
                    serve(&client).ok();
                }
            });
        }
        loop {
            let (first, _) = listener.accept().unwrap();
            let mut clients = queue.lock().unwrap();
            clients.push_back(first);
            listener.set_nonblocking(true).unwrap();
            while let Ok((client, _)) = listener.accept() {
                clients.push_back(client);
            }
            listener.set_nonblocking(false).unwrap();
            drop(clients);
            more.notify_one();
        }
    });
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
