//! Writes once, and not more than there is room for: what does not fit is lost.

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
        client.read_exact(&mut message)?;
        message.reverse();
        client.set_nonblocking(true)?;
        client.write(&[&head[..], &message].concat()).ok();
        client.set_nonblocking(false)?;
    }
}
