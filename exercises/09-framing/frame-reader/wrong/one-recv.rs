//! Takes one recv for the whole message.

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
        if length > 65_536 {
            return Ok(());
        }
        let mut message = vec![0; length];
        let count = if length > 0 {
            client.read(&mut message)?
        } else {
            0
        };
        message.truncate(count);
        message.reverse();
        client
            .write_all(&[&(message.len() as u32).to_be_bytes()[..], &message].concat())?;
    }
}
