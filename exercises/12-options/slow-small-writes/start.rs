//! Exercise slow-small-writes (repair): a server that idles, and takes its time.
//!
//! The server listens on the address that is its first argument, such as 127.0.0.1:7012.
//! A question is a line, which ends with \n. The answer is the number of its bytes, the end
//! of a line, and the question in capital letters, without its \n: `hello` is answered with
//! `5\nHELLO`. A client asks as many questions as it likes, may be silent for some seconds
//! before the next one, and then ends its sending; the server closes when all are answered,
//! also where the client receives late. It serves many clients at the same time.
//!
//! So it is meant, and so it is. But its users write: "Your server needs more than 40
//! milliseconds for a question, on the fastest machine that we have, while nothing else
//! runs. The first one is quick. Our old server, with the same answers, does ten thousand
//! a second." Repair it, for questions of up to 4,000 bytes. The bytes of the answers stay
//! as they are, and a client that has gone ends nothing but itself.
//!
//! Check it:      cargo run -- check slow-small-writes
//! Try it:        cargo run -p mine --example slow-small-writes -- 127.0.0.1:7012
//!                then, in another terminal: nc 127.0.0.1 7012

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

const LONGEST_LINE: u64 = 100_000;
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
        let answer = line.to_ascii_uppercase();
        client.write_all(format!("{}\n", answer.len()).as_bytes())?;
        client.write_all(&answer)?;
    }
}
