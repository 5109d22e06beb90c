//! What one read returns is taken for a message, its answer waits for the next one, and a
//! read that a signal interrupted is an error.

use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::time::Duration;

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:0".to_string());
    let listener = TcpListener::bind(address)?;
    println!("Listening on {}", listener.local_addr()?);
    loop {
        let (mut client, _) = listener.accept()?;
        client.set_read_timeout(Some(Duration::from_secs(60)))?;
        let mut buffer = [0; 1024];
        let mut message = Vec::new();
        loop {
            let count = client.read(&mut buffer)?; // fault: EINTR
            if count == 0 {
                break; // fault: it may still wait for the answer
            }
            if !message.is_empty() {
                client.write_all(&[b"OK... ", &message[..], b"\n"].concat())?;
            }
            message = buffer[..count].to_vec();
        }
    }
}
