//! Waits for a message of any length.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming() {
        serve(client.unwrap()).ok();
    }
}

fn serve(mut client: TcpStream) -> io::Result<()> {
    loop {
        let mut head = [0; 4];
        client.read_exact(&mut head)?;
        let length = u32::from_be_bytes(head) as usize;
        let mut message = Vec::new();
        (&client).take(length as u64).read_to_end(&mut message)?;
        if message.len() < length {
            return Ok(());
        }
        message.reverse();
        client.write_all(&[&head[..], &message].concat())?;
    }
}
