//! A queue with a lock and a condition, byte by byte; a worker is started when it is needed.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Condvar, Mutex};
use std::thread;

static QUEUE: Mutex<VecDeque<TcpStream>> = Mutex::new(VecDeque::new());
static CHANGED: Condvar = Condvar::new();

fn main() {
    let mut args = std::env::args().skip(1);
    let listener = TcpListener::bind(args.next().unwrap()).unwrap();
    let most: usize = args.next().unwrap().parse().unwrap();
    let mut workers = 0;
    for client in listener.incoming().flatten() {
        let queue = QUEUE.lock().unwrap();
        let mut queue = CHANGED.wait_while(queue, |queue| queue.len() > 9).unwrap();
        queue.push_back(client);
        CHANGED.notify_all();
        if workers < most {
            workers += 1;
            thread::spawn(work);
        }
    }
}

fn work() {
    loop {
        let queue = QUEUE.lock().unwrap();
        let mut queue = CHANGED.wait_while(queue, |queue| queue.is_empty()).unwrap();
        let client = queue.pop_front();
        CHANGED.notify_all();
        drop(queue);
        if let Some(mut client) = client {
            let (mut byte, mut line) = ([0], b"OK... ".to_vec());
            while let Ok(1) = client.read(&mut byte) {
                line.push(byte[0]);
                if byte[0] == b'\n' {
                    if client.write_all(&line).is_err() {
                        break;
                    }
                    line.truncate(6);
                }
            }
        }
    }
}
