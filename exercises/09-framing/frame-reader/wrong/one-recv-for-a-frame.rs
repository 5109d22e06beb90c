//! Takes one recv for one frame.

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
        let mut chunk = [0; 70_000];
        let count = client.read(&mut chunk)?;
        if count < 4 {
            return Ok(());
        }
        let head: [u8; 4] = chunk[..4].try_into().unwrap();
        let length = u32::from_be_bytes(head) as usize;
        if length > 65_536 {
            return Ok(());
        }
        let mut message = chunk[4..count.min(4 + length)].to_vec();
        message.reverse();
        client.write_all(&[&head[..], &message].concat())?;
    }
}
