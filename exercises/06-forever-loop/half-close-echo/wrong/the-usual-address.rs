//! Takes the port from its argument, and always the same IP address.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

fn main() {
    let address = std::env::args().nth(1).unwrap();
    let port: u16 = address.rsplit(':').next().unwrap().parse().unwrap();
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    for client in listener.incoming().flatten() {
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
