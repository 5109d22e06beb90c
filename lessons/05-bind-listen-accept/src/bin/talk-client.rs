//! Lesson 05, talk-client: the caller of a talk. A line of yours, a line of theirs.
//!
//!     cargo run -p bind-listen-accept --bin talk-client
//!     cargo run -p bind-listen-accept --bin talk-client -- 127.0.0.1:8888
//!
//! What it cannot do: as in `talk`.

use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::Duration;

use shared::{Args, Context, close_gracefully, practice, print, println};

const HELP: &str = "\
Calls somebody who runs `talk`: a line of yours, a line of theirs, in turn.

usage: talk-client [HOST:PORT] [--timeout SECONDS]

  HOST:PORT          whom to call; without it, a practice partner in this program
  --timeout SECONDS  how long to wait for a line of theirs (300)

Ctrl+D ends the talk.

example: cargo run -p bind-listen-accept --bin talk-client -- 127.0.0.1:8888
";

const CONNECT: Duration = Duration::from_secs(5); // so long we ring
const GOODBYE: Duration = Duration::from_secs(1); // so long we wait until they close, too

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    shared::exit_on_ctrl_c()?;
    let patience = args.seconds("timeout", 300.0)?;
    let address = args.address_or_practice(practice::echo_words)?;
    let mut stream = address.connect(patience.min(CONNECT))?;
    println!("Connected to {address}. You speak first; Ctrl+D ends the talk.");
    let end = talk(&mut stream, patience);
    close_gracefully(stream, GOODBYE);
    end.context(format!("cannot talk with {address} any more"))
}

fn talk(stream: &mut TcpStream, patience: Duration) -> io::Result<()> {
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    let mut reader = BufReader::new(stream.try_clone()?); // keeps what comes after a line
    loop {
        let line = typed()?;
        if line.is_empty() {
            return Ok(());
        }
        stream.write_all(&line)?;

        let mut heard = Vec::new();
        if reader.read_until(b'\n', &mut heard)? == 0 {
            println!("They hung up.");
            return Ok(());
        }
        println!("them: {}", printable(&heard));
    }
}

/// The next line of the keyboard; an empty one after Ctrl+D.
fn typed() -> io::Result<Vec<u8>> {
    print!("you:  ");
    let mut line = Vec::new();
    io::stdin().lock().read_until(b'\n', &mut line)?;
    if line.is_empty() {
        println!("\nYou hung up."); // the cursor stood after the prompt
    } else if !line.ends_with(b"\n") {
        line.push(b'\n');
    }
    Ok(line)
}

/// What would steer our terminal becomes a question mark.
fn printable(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    let shown = text.trim_end().replace(char::is_control, "?");
    if line.ends_with(b"\n") {
        shown
    } else {
        shown + " (the line has no end)"
    }
}
