//! Keeps the pieces of all clients in one buffer.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    let shared = Arc::new(Mutex::new(Vec::new()));
    for client in listener.incoming().flatten() {
        let shared = Arc::clone(&shared);
        thread::spawn(move || serve(client, &shared).ok());
    }
}

fn serve(mut client: TcpStream, shared: &Mutex<Vec<u8>>) -> io::Result<()> {
    client.write_all(b"Welcome!\n")?;
    let mut chunk = [0; 1024];
    loop {
        let count = client.read(&mut chunk)?;
        let mut all = shared.lock().unwrap();
        all.extend(&chunk[..count]);
        while let Some(end) = all.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = all.drain(..=end).collect();
            if line.trim_ascii_end() == b"exit" {
                return Ok(());
            }
            client.write_all(&[b"Hello, ", line.trim_ascii_end(), b"!\n"].concat())?;
        }
        if count == 0 {
            return Ok(());
        }
    }
}
