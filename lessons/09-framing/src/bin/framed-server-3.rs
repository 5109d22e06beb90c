//! Lesson 09, step 3: one deadline for a whole frame.
//!
//!     cargo run -p framing --bin framed-server-3
//!
//! What it cannot do: tell a client why it is let go, count its clients, and end politely
//! (the last program).

use std::env;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

const LIMIT: usize = 65_536;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:9000".to_string());
    let listener = TcpListener::bind(address)?;
    println!("Listening on {}", listener.local_addr()?);
    loop {
        let (client, peer) = listener.accept()?;
        thread::spawn(move || println!("{peer} has left: {:?}", greet(client)));
    }
}

fn greet(stream: TcpStream) -> io::Result<()> {
    let end = Instant::now();
    let mut client = DeadlineStream { stream, end };
    while let Some(name) = read_frame(client.within(Duration::from_secs(2)))? {
        let answer = [b"Hello, ", &name[..], b"!"].concat();
        let length = (answer.len() as u32).to_be_bytes();
        client.stream.write_all(&[&length, &answer[..]].concat())?;
    }
    Ok(())
}

/// A connection whose reads together may take only so long.
struct DeadlineStream {
    stream: TcpStream,
    end: Instant,
}

impl DeadlineStream {
    fn within(&mut self, time: Duration) -> &mut Self {
        self.end = Instant::now() + time;
        self
    }
}

impl Read for DeadlineStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        self.stream.set_read_timeout(Some(left))?; // less than for the byte before
        match self.stream.read(buffer) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                Err(ErrorKind::TimedOut.into()) // the kernel says EAGAIN
            }
            result => result,
        }
    }
}

/// The next frame; none where the stream ends between two frames.
fn read_frame(client: &mut DeadlineStream) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    if client.read(&mut length[..1])? == 0 {
        return Ok(None); // the end where a frame could begin: a goodbye
    }
    client.read_exact(&mut length[1..])?; // the end anywhere else is an error
    let length = u32::from_be_bytes(length) as usize;
    if length > LIMIT {
        // Before any memory is taken: so far this is only what a stranger says.
        let words = format!("a frame of {length} bytes, the limit is {LIMIT}");
        return Err(io::Error::new(ErrorKind::InvalidData, words));
    }
    let mut frame = vec![0; length];
    client.read_exact(&mut frame)?;
    Ok(Some(frame))
}
