//! Takes questions of up to 4,000 bytes, their line ends among them.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

const LONGEST_LINE: u64 = 4_000;
const PATIENCE: Duration = Duration::from_secs(30); // with a client that says nothing

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:7012".into());
    let listener = TcpListener::bind(&address)?;
    println!("Listening on {}", listener.local_addr()?);
    for client in listener.incoming() {
        match client {
            Ok(client) => {
                thread::spawn(move || {
                    if let Err(error) = serve(client) {
                        println!("a client is lost: {error}");
                    }
                });
            }
            Err(error) => {
                println!("no client: {error}");
                thread::sleep(Duration::from_millis(50)); // perhaps a descriptor gets free
            }
        }
    }
    Ok(())
}

/// Answers each question of a client, until it has ended its sending.
fn serve(mut client: TcpStream) -> io::Result<()> {
    client.set_read_timeout(Some(PATIENCE))?;
    client.set_write_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(client.try_clone()?);
    loop {
        let mut line = Vec::new();
        let mut limited = reader.by_ref().take(LONGEST_LINE);
        if limited.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        if line.pop() != Some(b'\n') {
            return Err(io::Error::other("no line"));
        }
        // Two small writes would be two packets, and the second would wait for the
        // acknowledgement of the first, which the peer delays: Nagle's algorithm.
        let mut answer = format!("{}\n", line.len()).into_bytes();
        answer.extend(line.to_ascii_uppercase());
        client.write_all(&answer)?;
    }
}
