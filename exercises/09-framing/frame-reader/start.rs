//! Exercise frame-reader (build): messages that arrive as they were sent.
//!
//! Your server listens on the address that is its first argument. A client sends frames:
//! a length of 4 bytes, big-endian, and then that many bytes, the message. Each message
//! goes back as a frame, its bytes in reverse order: `abc` as `cba`. A client may be
//! silent, or receive nothing, for some seconds, and send many frames before it reads. It
//! may half-close after them, and still gets all its answers, in the order of the messages.
//!
//! A frame that is cut off by the end of the stream gets no answer. A message has at
//! most 65,536 bytes: a longer length ends the connection at once, after the answers to
//! the frames before it. Neither ends the server, nor does a client that has gone before it
//! was accepted, or before its answers: after one client comes the next.
//!
//! Check it:      cargo run -- check frame-reader
//! Try it:        cargo run -p mine --example frame-reader -- 127.0.0.1:7109
//!                then, in another terminal: printf '\0\0\0\3abc' | nc -N 127.0.0.1 7109

use std::io::{self, Read};
use std::net::{TcpListener, TcpStream};

/// The most bytes in a message.
const LIMIT: usize = 65_536;

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:7109".into());
    let listener = TcpListener::bind(&address)?;
    println!("Listening on {}", listener.local_addr()?);
    loop {
        let (client, _) = listener.accept()?;
        if let Err(error) = serve(client) {
            println!("a client is lost: {error}");
        }
    }
}

/// Answers each frame of a client with the same bytes in reverse order.
fn serve(mut client: TcpStream) -> io::Result<()> {
    while let Some(_message) = read_frame(&mut client)? {
        todo!("reverse the message, and write it as a frame")
    }
    Ok(())
}

/// The next message; none where the stream ends between two frames. An end inside a frame
/// is an error, and so is a length above the limit.
fn read_frame(_from: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    todo!("read 4 bytes, look at the length, at most {LIMIT}, and read that many")
}
