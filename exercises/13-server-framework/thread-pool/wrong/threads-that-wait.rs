//! A thread for each client, of which only so many work: the others wait, as threads.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Condvar, Mutex};
use std::thread;

static FREE: Mutex<usize> = Mutex::new(0);
static CHANGED: Condvar = Condvar::new();

fn main() {
    let args: Vec<_> = std::env::args().collect();
    *FREE.lock().unwrap() = args[2].parse().unwrap();
    let listener = TcpListener::bind(&args[1]).unwrap();
    for client in listener.incoming() {
        let client = client.unwrap();
        thread::spawn(move || {
            let free = FREE.lock().unwrap();
            *CHANGED.wait_while(free, |free| *free == 0).unwrap() -= 1;
            serve(&client).ok();
            *FREE.lock().unwrap() += 1;
            CHANGED.notify_all();
        });
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
