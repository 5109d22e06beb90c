//! One client's error ends the server.

use std::io::{self, Read, Write};
use std::net::TcpListener;

fn main() -> io::Result<()> {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap())?;
    for client in listener.incoming() {
        let mut client = client?;
        let mut chunk = [0; 4096];
        loop {
            let count = client.read(&mut chunk)?;
            if count == 0 {
                break;
            }
            client.write_all(&chunk[..count])?;
        }
    }
    Ok(())
}
