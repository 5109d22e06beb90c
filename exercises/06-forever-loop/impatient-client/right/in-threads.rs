//! A thread for each client, which cares for no address, and reads byte by byte.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming().flatten() {
        thread::spawn(move || serve(client));
    }
}

fn serve(mut client: TcpStream) -> Option<()> {
    let (mut byte, mut line) = ([0], b"OK... ".to_vec());
    while line.len() < 6 + 4096 && client.read(&mut byte).ok()? == 1 {
        line.push(byte[0]);
        if byte == *b"\n" {
            client.write_all(&line).ok()?;
            line.truncate(6);
        }
    }
    Some(())
}
