//! Takes what one recv gives for a line.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming() {
        let Ok(client) = client else { continue };
        serve(client).ok();
    }
}

fn serve(mut client: TcpStream) -> std::io::Result<()> {
    let mut chunk = [0; 4096];
    loop {
        let count = client.read(&mut chunk)?;
        if count == 0 {
            break;
        }
        client.write_all(&[b"OK... ", &chunk[..count]].concat())?;
    }
    Ok(())
}
