//! What one recv of 1,024 bytes gives ends a line.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let listener = TcpListener::bind(&args[1]).unwrap();
    let workers: usize = args[2].parse().unwrap();
    thread::scope(|scope| {
        for _ in 0..workers {
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
    let mut chunk = [0; 1024];
    while let Ok(count @ 1..) = client.read(&mut chunk) {
        for line in chunk[..count].split_inclusive(|byte| *byte == b'\n') {
            if client.write_all(&[b"OK... ", line].concat()).is_err() {
                return;
            }
        }
    }
}
