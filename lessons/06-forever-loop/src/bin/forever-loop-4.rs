//! Lesson 06, step 4: nobody may take for ever, neither time nor memory.
//!
//!     cargo run -p forever-loop --bin forever-loop-4        then: nc 127.0.0.1 8888
//!
//! What it cannot do: end well. Ctrl+C cuts everybody off, and whoever waits in the queue
//! is reset. Steps 5 and 6 mend it. (Two more, for later: a client that sends a byte now
//! and then keeps its turn, lesson 09. And whoever sends too long a line may never read
//! why, as in lesson 05; the last step closes as taught there.)

use std::env;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(30); // for one recv, and for one send
const LONGEST_LINE: u64 = 4096;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:8888".to_string());
    let listener = TcpListener::bind(address)?; // socket, bind and listen of lesson 05
    println!("Listening on {}", listener.local_addr()?);

    loop {
        match listener.accept() {
            Ok((client, peer)) => {
                println!("{peer} is served");
                match serve(client) {
                    Ok(()) => println!("{peer} has left"),
                    Err(error) => println!("{peer} is lost: {error}"),
                }
            }
            // It was about one client that is not there. (When the program has no
            // descriptor left, this loop spins: lesson 07.)
            Err(error) => println!("cannot accept: {error}"),
        }
    }
}

fn serve(mut client: TcpStream) -> io::Result<()> {
    client.set_read_timeout(Some(PATIENCE))?; // a client that says nothing
    client.set_write_timeout(Some(PATIENCE))?; // a client that never reads its answers
    let mut reader = BufReader::new(client.try_clone()?);
    loop {
        let mut line = Vec::new(); // bytes: what comes need not be text
        let mut limited = reader.by_ref().take(LONGEST_LINE);
        if limited.read_until(b'\n', &mut line)? == 0 {
            return Ok(()); // the client has closed
        }
        if limited.limit() == 0 && !line.ends_with(b"\n") {
            client.write_all(b"error: this line is too long\n")?;
            return Err(io::Error::other("a line was too long"));
        }
        let line = line.strip_suffix(b"\n").unwrap_or(&line); // the last may have none
        let line = line.strip_suffix(b"\r").unwrap_or(line); // telnet sends \r\n
        client.write_all(&[b"OK... ", line, b"\n"].concat())?;
    }
}
