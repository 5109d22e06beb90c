//! Exercise impatient-client (repair): a forever loop that ends.
//!
//! The server listens on the address that is its first argument, such as 127.0.0.1:7006.
//! It serves one client after another: each line, which ends with \n, is answered with
//! `OK... ` and that line, until the client ends its sending. Then the server closes. A
//! line has at most 4,096 bytes with its end: who sends a longer one is let go. The server
//! runs until somebody stops it.
//!
//! That is what it should do. Its users write: "It runs for weeks. But when many of us
//! come at once, and some have to wait long for their turn and give up, it suddenly ends,
//! and everybody who was waiting is thrown out. The screen shows:
//! Error: Os { code: 107, kind: NotConnected, … }". Repair it. What each client gets stays
//! as it is, and nobody who waits may lose anything. You may serve several at once.
//!
//! Check it:      cargo run -- check impatient-client
//! Try it:        cargo run -p mine --example impatient-client -- 127.0.0.1:7006
//!                then, in two other terminals: nc 127.0.0.1 7006

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
    for client in listener.incoming() {
        let client = match client {
            Ok(client) => client,
            Err(error) => {
                println!("no client: {error}");
                thread::sleep(Duration::from_millis(50)); // perhaps a descriptor gets free
                continue;
            }
        };
        let peer = client.peer_addr()?;
        println!("{peer} is served");
        match serve(client) {
            Ok(()) => println!("{peer} has left"),
            Err(error) => println!("{peer} is lost: {error}"),
        }
    }
    Ok(())
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
        if !line.ends_with(b"\n") {
            return Err(io::Error::other("no line"));
        }
        client.write_all(&[b"OK... ", &line[..]].concat())?;
    }
}
