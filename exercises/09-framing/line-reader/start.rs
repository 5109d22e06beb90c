//! Exercise line-reader (build): lines out of whatever recv gives.
//!
//! Your server listens on the address that is its first argument, and answers each line
//! of a client with the line in brackets, and `\n`: `hello` gets `[hello]`. A line ends
//! with `\n`, or with `\r\n`; neither is part of it. It may be empty, and its bytes need
//! not be text. A client need not wait for an answer before it sends the next line.
//!
//! What comes after the last `\n` before the client's end is no line: it gets `cut off`
//! and `\n`, and the end. A line has at most 1,000 bytes without its end. A longer one gets
//! `too long` and `\n`, at the latest when 1,002 bytes of it have come, and a clean end: no
//! reset, though its client goes on sending for a while. After one client comes the next,
//! also after one that has gone before it was accepted, or before its answers.
//!
//! It is meant to be done with `read`, and without BufReader.
//!
//! Check it:      cargo run -- check line-reader
//! Try it:        cargo run -p mine --example line-reader -- 127.0.0.1:7209
//!                then, in another terminal:
//!                printf 'one\ntwo\r\nthr' | nc -N 127.0.0.1 7209

use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};

/// The most bytes in a line, its end not counted.
const LIMIT: usize = 1000;

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:7209".into());
    let listener = TcpListener::bind(&address)?;
    println!("Listening on {}", listener.local_addr()?);
    loop {
        let (client, _) = listener.accept()?;
        if let Err(error) = serve(client) {
            println!("a client is lost: {error}");
        }
    }
}

/// Answers each line of a client. What `next` finds wrong is still without an answer.
fn serve(client: TcpStream) -> io::Result<()> {
    let mut lines = Lines {
        client,
        kept: Vec::new(),
    };
    while let Some(line) = lines.next()? {
        lines
            .client
            .write_all(&[b"[", &line[..], b"]\n"].concat())?;
    }
    Ok(())
}

/// A client, and what it has sent of lines that were not asked for yet.
struct Lines {
    client: TcpStream,
    kept: Vec<u8>,
}

impl Lines {
    /// The next line without its end; none at the client's end.
    fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let end = self.kept.iter().position(|byte| *byte == b'\n');
        todo!("the end is at {end:?}: take the line out, or read more; at most {LIMIT}")
    }
}
