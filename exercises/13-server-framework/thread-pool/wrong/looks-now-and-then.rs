//! A worker without a client looks for one each 300 ms.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

fn main() {
    let args: Vec<_> = std::env::args().collect();
    let listener = TcpListener::bind(&args[1]).unwrap();
    let workers: usize = args[2].parse().unwrap();
    let (clients, waiting) = channel();
    let waiting = Arc::new(Mutex::new(waiting));
    for _ in 0..workers {
        let waiting = Arc::clone(&waiting);
        thread::spawn(move || {
            loop {
                let client = waiting.lock().unwrap().try_recv();
                match client {
                    Ok(client) => drop(serve(&client)),
                    Err(_) => thread::sleep(Duration::from_millis(300)),
                }
            }
        });
    }
    for client in listener.incoming() {
        clients.send(client.unwrap()).unwrap();
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
