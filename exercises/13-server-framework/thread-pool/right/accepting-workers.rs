//! Every worker calls accept itself: whoever waits, waits in the kernel.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let listener = TcpListener::bind(&args[1]).unwrap();
    thread::scope(|scope| {
        for _ in 0..args[2].parse().unwrap() {
            scope.spawn(|| {
                loop {
                    if let Ok((client, _)) = listener.accept() {
                        serve(&client);
                    }
                }
            });
        }
    });
}

fn serve(mut client: &TcpStream) {
    let mut reader = BufReader::new(client);
    let mut line = Vec::new();
    while let Ok(1..) = reader.read_until(b'\n', &mut line) {
        if client.write_all(&[b"OK... ", &line[..]].concat()).is_err() {
            return;
        }
        line.clear();
    }
}
