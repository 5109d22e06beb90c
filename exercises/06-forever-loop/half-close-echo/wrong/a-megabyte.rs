//! Ends the connection after a megabyte.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming().flatten() {
        if let Err(error) = echo(client) {
            println!("a client is lost: {error}");
        }
    }
}

fn echo(mut client: TcpStream) -> io::Result<()> {
    let (mut chunk, mut all) = ([0; 4096], 0);
    loop {
        let count = client.read(&mut chunk)?;
        all += count;
        if count == 0 || all > 1 << 20 {
            return Ok(());
        }
        client.write_all(&chunk[..count])?;
    }
}
