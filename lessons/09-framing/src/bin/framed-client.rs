//! Lesson 09: sends several frames in one write, and takes the answers apart again.
//!
//!     cargo run -p framing --bin framed-client
//!     cargo run -p framing --bin framed-client -- 127.0.0.1:9000
//!     cargo run -p framing --bin framed-client -- 127.0.0.1:9000 --message Ada

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use framing::frames::{read_frame, write_frame};
use framing::practice;
use shared::{Address, Args, Context, DeadlineStream, Error, exit_on_ctrl_c, println};

const HELP: &str = "\
Sends each message as a frame, all in one write, and prints the frames that come back.

usage: framed-client [HOST:PORT] [--message TEXT]... [--patience SECONDS]

  HOST:PORT           the server; without it, a practice server inside this program
  --message TEXT      a message, as often as you like (Michael, Tracy, Sarah)
  --patience SECONDS  how long to wait for the server, each time (10)

example: cargo run -p framing --bin framed-client -- 127.0.0.1:9000 --message Ada
";

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

    print_answers(&mut server, messages.len(), patience, &address)
    // The connection is closed here. The server reads the end of the stream where a frame
    // could begin: that is a goodbye.
}

fn print_answers(
    server: &mut DeadlineStream,
    count: usize,
    patience: Duration,
    address: &Address,
) -> shared::Result<()> {
    for _ in 0..count {
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
}
