//! Lesson 06, step 6: Ctrl+C wakes the accept that sleeps.
//!
//!     cargo run -p forever-loop --bin forever-loop-6        then press Ctrl+C
//!
//! What it cannot do: wake a recv. While a client is served that says nothing, Ctrl+C
//! waits for its next line. Step 7 mends it.

use std::env;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(30); // for one recv, and for one send
const LONGEST_LINE: u64 = 4096;

static ENDING: AtomicBool = AtomicBool::new(false); // set by Ctrl+C

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:8888".to_string());
    let listener = TcpListener::bind(address)?; // socket, bind and listen of lesson 05
    let own = listener.local_addr()?;
    println!("Listening on {own}");
    ctrlc::set_handler(move || end(own)).map_err(io::Error::other)?;

    while !ENDING.load(SeqCst) {
        match listener.accept() {
            Ok(_) if ENDING.load(SeqCst) => {} // that was our own connection, of `end`
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
    Ok(())
}

/// Runs on a thread of ctrlc's, while `main` sleeps in accept.
fn end(own: SocketAddr) {
    ENDING.store(true, SeqCst); // before anybody wakes up and looks
    TcpStream::connect(own).ok(); // accept returns: we are its last client
}

fn serve(mut client: TcpStream) -> io::Result<()> {
    client.set_read_timeout(Some(PATIENCE))?; // a client that says nothing
    client.set_write_timeout(Some(PATIENCE))?; // a client that never reads its answers
    let mut reader = BufReader::new(client.try_clone()?);
    while !ENDING.load(SeqCst) {
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
    Ok(())
}
