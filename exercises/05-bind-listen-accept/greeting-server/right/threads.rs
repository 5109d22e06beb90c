//! A thread for each client, the name as it came in chunks.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming().flatten() {
        std::thread::spawn(move || serve(client));
    }
}

fn serve(mut client: TcpStream) {
    let mut line = Vec::new();
    let mut chunk = [0; 7];
    let end = loop {
        if let Some(end) = line.iter().position(|byte| *byte == b'\n') {
            break end;
        }
        match client.read(&mut chunk) {
            Ok(count @ 1..) => line.extend(&chunk[..count]),
            _ => return,
        }
    };
    let name = line[..end].strip_suffix(b"\r").unwrap_or(&line[..end]);
    client.write_all(b"Hello, ").ok();
    client.write_all(name).ok();
    client.write_all(b"!\n").ok();
}
