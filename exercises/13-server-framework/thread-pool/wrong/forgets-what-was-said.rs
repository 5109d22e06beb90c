//! What a client has said while it waited is thrown away.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;

fn main() {
    let args: Vec<_> = std::env::args().collect();
    let listener = TcpListener::bind(&args[1]).unwrap();
    let workers: usize = args[2].parse().unwrap();
    let (clients, waiting) = channel();
    let waiting = Arc::new(Mutex::new(waiting));
    static BUSY: AtomicUsize = AtomicUsize::new(0);
    for _ in 0..workers {
        let waiting = Arc::clone(&waiting);
        thread::spawn(move || {
            loop {
                let taken = waiting.lock().unwrap().recv();
                let (mut client, has_waited): (TcpStream, bool) = taken.unwrap();
                if has_waited {
                    client.read(&mut [0; 4096]).ok();
                }
                serve(&client).ok();
                BUSY.fetch_sub(1, Ordering::Relaxed);
            }
        });
    }
    for client in listener.incoming() {
        let has_waited = BUSY.fetch_add(1, Ordering::Relaxed) >= workers;
        clients.send((client.unwrap(), has_waited)).unwrap();
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
