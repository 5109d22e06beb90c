//! Never more than four workers.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let listener = TcpListener::bind(&args[1]).unwrap();
    let workers: usize = args[2].parse().unwrap();
    thread::scope(|scope| {
        for _ in 0..workers.min(4) {
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
    for line in BufReader::new(client).split(b'\n').map_while(Result::ok) {
        let line = [b"OK... ", &line[..], b"\n"].concat();
        if client.write_all(&line).is_err() {
            return;
        }
    }
}
