//! What comes before the end, without a line end, is answered as a line.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

const LONGEST_LINE: u64 = 4096;
const PATIENCE: Duration = Duration::from_secs(30); // with a client that says nothing

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:7006".into());
    let listener = TcpListener::bind(&address)?;
    println!("Listening on {}", listener.local_addr()?);
    loop {
        let (client, peer) = match listener.accept() {
            Ok(accepted) => accepted,
            Err(error) => {
                println!("no client: {error}");
                thread::sleep(Duration::from_millis(50)); // perhaps a descriptor gets free
                continue;
            }
        };
        println!("{peer} is served");
        match serve(client) {
            Ok(()) => println!("{peer} has left"),
            Err(error) => println!("{peer} is lost: {error}"),
        }
    }
}

/// Answers each line, until the client has ended its sending.
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
        client.write_all(&[b"OK... ", &line[..]].concat())?;
    }
}
