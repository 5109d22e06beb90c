//! Lesson 09: sends several frames in one write, and takes the answers apart again.
//!
//!     cargo run -p framing --bin framed-client
//!     cargo run -p framing --bin framed-client -- 127.0.0.1:9000
//!     cargo run -p framing --bin framed-client -- 127.0.0.1:9000 --message Ada

use std::io::{self, ErrorKind, Read, Write};
use std::process::ExitCode;

use framing::practice;
use shared::{Args, Context, DeadlineStream, Error, exit_on_ctrl_c, println};

const HELP: &str = "\
Sends each message as a frame, all in one write, and prints the frames that come back.

usage: framed-client [HOST:PORT] [--message TEXT]... [--patience SECONDS]

  HOST:PORT           the server; without it, a practice server inside this program
  --message TEXT      a message, as often as you like (Michael, Tracy, Sarah)
  --patience SECONDS  how long to wait for the server, each time (10)

example: cargo run -p framing --bin framed-client -- 127.0.0.1:9000 --message Ada
";

/// No frame is longer: a server that claims more has gone mad, or is no such server.
const LIMIT: usize = 65_536;

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    exit_on_ctrl_c()?;
    let patience = args.seconds("patience", 10.0)?;
    let mut messages: Vec<_> = args.values("message").collect();
    if messages.is_empty() {
        messages = vec!["Michael", "Tracy", "Sarah"];
    }
    let address = args.address_or_practice(practice::framed)?;
    let stream = address.connect(patience)?;
    let mut server = DeadlineStream::new(stream);

    let mut bytes = Vec::new();
    for message in &messages {
        write_frame(&mut bytes, message.as_bytes()).context("cannot make a frame")?;
    }
    // We read no answer while we still write. A few names fit into the kernel's buffers
    // on both sides; for megabytes, a thread of their own would have to write them.
    server
        .within(patience)
        .write_all(&bytes)
        .context(format!("cannot send to {address}"))?;
    println!(
        "sent {} frames in one write: {} bytes",
        messages.len(),
        bytes.len()
    );

    for _ in &messages {
        let answer = read_frame(server.within(patience))
            .context(format!("cannot receive from {address}"))?
            .ok_or_else(|| {
                Error::new(format!("{address} closed before the last answer"))
                    .hint("it has ended, or does not speak in frames; check the port")
            })?;
        let text = String::from_utf8_lossy(&answer); // whole: no character is cut
        if let Some(words) = text.strip_prefix("error: ") {
            return Err(Error::new(format!("{address} says: {words:?}"))
                .hint("the server did not want this frame, or has no room for us"));
        }
        println!("frame of {} bytes: {text:?}", answer.len());
    }
    Ok(())
    // The connection is closed here. The server reads the end of the stream where a frame
    // could begin: that is a goodbye.
}

/// The next frame; none where the stream ends between two frames.
fn read_frame(peer: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut head = [0; 4];
    // The first byte alone: no byte here is a goodbye, anywhere else it is an error.
    if peer.read(&mut head[..1])? == 0 {
        return Ok(None);
    }
    peer.read_exact(&mut head[1..])?; // reads again and again until all is there
    let length = u32::from_be_bytes(head) as usize;
    if length > LIMIT {
        // Before any memory is taken: so far this is only what a stranger says.
        let words = format!("a frame of {length} bytes, the limit is {LIMIT}");
        return Err(io::Error::new(ErrorKind::InvalidData, words));
    }
    let mut frame = vec![0; length];
    peer.read_exact(&mut frame)?;
    Ok(Some(frame))
}

/// Length and message in one write: two small ones can cost 40 ms (lesson 06).
fn write_frame(peer: &mut impl Write, message: &[u8]) -> io::Result<()> {
    let length = u32::try_from(message.len()).map_err(io::Error::other)?;
    peer.write_all(&[&length.to_be_bytes(), message].concat())
}
