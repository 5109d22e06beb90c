//! Ends after 2 MiB.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;
fn main() -> io::Result<()> {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap())?;
    println!("Listening on {}", listener.local_addr()?);
    loop {
        let client = match listener.accept() {
            Ok((client, _)) => client,
            Err(_) => {
                thread::sleep(Duration::from_millis(20));
                continue;
            }
        };
        if let Err(error) = echo(client) {
            println!("lost: {error}");
        }
    }
}
fn echo(mut client: TcpStream) -> io::Result<()> {
    let mut buffer = vec![0; 16384];
    let mut total = 0;
    loop {
        if total > 2 << 20 {
            return Ok(());
        }
        let n = match client.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        total += n;
        client.write_all(&buffer[..n])?;
    }
}
