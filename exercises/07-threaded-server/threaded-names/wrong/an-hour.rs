//! A client may be silent for an hour.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;
fn main() -> io::Result<()> {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap())?;
    println!("Listening on {}", listener.local_addr()?);
    loop {
        match listener.accept() {
            Ok((client, peer)) => {
                let talk = thread::Builder::new().spawn(move || {
                    if let Err(error) = serve(client) {
                        println!("{peer}: {error}");
                    }
                });
                if let Err(error) = talk {
                    println!("no thread: {error}");
                }
            }
            Err(error) => {
                println!("no client: {error}");
                thread::sleep(Duration::from_millis(20));
            }
        }
    }
}
fn serve(mut client: TcpStream) -> io::Result<()> {
    client.write_all(b"Welcome!\n")?;
    client.set_read_timeout(Some(Duration::from_secs(3600)))?;
    let mut chunk = [0; 1000];
    let mut waiting: Vec<u8> = Vec::new();
    loop {
        let n = client.read(&mut chunk)?;
        if n == 0 {
            return Ok(());
        }
        for &byte in &chunk[..n] {
            if byte != b'\n' {
                waiting.push(byte);
                continue;
            }
            let mut name = std::mem::take(&mut waiting);
            if name.ends_with(b"\r") {
                name.pop();
            }
            if name == b"exit" {
                return Ok(());
            }
            client.write_all(&[b"Hello, ", &name[..], b"!\n"].concat())?;
        }
    }
}
