//! One buffer for all messages, and all of it goes back.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming() {
        serve(client.unwrap()).ok();
    }
}

fn serve(mut client: TcpStream) -> io::Result<()> {
    let mut all = Vec::new();
    loop {
        let mut head = [0; 4];
        client.read_exact(&mut head)?;
        let length = u32::from_be_bytes(head) as usize;
        if length > 65_536 {
            return Ok(());
        }
        let mut message = vec![0; length];
        client.read_exact(&mut message)?;
        if all.len() < length {
            all.resize(length, 0);
        }
        all[..length].copy_from_slice(&message);
        let answer: Vec<u8> = all.iter().rev().copied().collect();
        let head = (answer.len() as u32).to_be_bytes();
        client.write_all(&[&head[..], &answer].concat())?;
    }
}
