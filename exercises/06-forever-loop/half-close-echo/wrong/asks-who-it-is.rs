//! Asks for the address of a client, who may have gone meanwhile.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming().flatten() {
        println!("{} is here", client.peer_addr().unwrap());
        if let Err(error) = echo(client) {
            println!("a client is lost: {error}");
        }
    }
}

fn echo(mut client: TcpStream) -> io::Result<()> {
    let mut chunk = [0; 4096];
    loop {
        let count = client.read(&mut chunk)?;
        if count == 0 {
            return Ok(());
        }
        client.write_all(&chunk[..count])?;
    }
}
