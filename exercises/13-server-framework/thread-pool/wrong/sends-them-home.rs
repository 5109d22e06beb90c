//! Whoever finds no free worker is closed.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

static BUSY: AtomicUsize = AtomicUsize::new(0);

fn main() {
    let args: Vec<_> = std::env::args().collect();
    let listener = TcpListener::bind(&args[1]).unwrap();
    let workers: usize = args[2].parse().unwrap();
    for client in listener.incoming() {
        let client = client.unwrap();
        if BUSY.load(SeqCst) == workers {
            continue;
        }
        BUSY.fetch_add(1, SeqCst);
        thread::spawn(move || {
            serve(&client).ok();
            BUSY.fetch_sub(1, SeqCst);
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
