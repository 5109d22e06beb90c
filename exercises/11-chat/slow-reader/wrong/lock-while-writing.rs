//! A thread for each client; who writes holds the list, and waits with it.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;
use std::thread;

static CLIENTS: Mutex<Vec<(usize, TcpStream)>> = Mutex::new(Vec::new());

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for (me, stream) in listener.incoming().map(Result::unwrap).enumerate() {
        let mut other = stream.try_clone().unwrap();
        let mut clients = CLIENTS.lock().unwrap(); // who is welcomed is in the list
        other.write_all(b"welcome\n").ok();
        clients.push((me, other));
        drop(clients);
        thread::spawn(move || {
            for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
                let line = [&line[..], b"\n"].concat();
                for (number, other) in CLIENTS.lock().unwrap().iter_mut() {
                    if *number != me {
                        other.write_all(&line).ok();
                    }
                }
            }
        });
    }
}
