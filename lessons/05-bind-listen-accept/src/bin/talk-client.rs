//! Lesson 05, the caller of a conversation: a line of yours, a line of theirs.
//!
//!     cargo run -p bind-listen-accept --bin talk-client
//!     cargo run -p bind-listen-accept --bin talk-client -- 127.0.0.1:8888

use std::io::{self, BufRead, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use shared::{Address, Args, Context, exit_on_ctrl_c};
use shared::{close_gracefully, practice, print, println};

const HELP: &str = "\
Calls somebody who runs `talk`: a line of yours, a line of theirs, in turn.

usage: talk-client [HOST:PORT] [--timeout SECONDS]

  HOST:PORT          whom to call; without it, a practice partner in this program
  --timeout SECONDS  how long to wait for a line of theirs (300)

Ctrl+D ends the talk.

example: cargo run -p bind-listen-accept --bin talk-client -- 127.0.0.1:8888
";

/// A longer line is a mistake or an attack. No terminal lets you type one.
const LONGEST: usize = 4096;

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    exit_on_ctrl_c()?;
    let patience = args.seconds("timeout", 300.0)?;
    let address = args.address_or_practice(practice::echo_words)?;
    let stream = connect(&address, patience.min(Duration::from_secs(5)))?;
    println!("Connected to {address}. You speak first; Ctrl+D ends the talk.");
    let end = talk(&stream, patience);
    close_gracefully(stream, Duration::from_secs(1));
    end.context(format!("cannot talk with {address} any more"))
}

/// As in lesson 03: each address of the name, until one answers.
fn connect(address: &Address, time: Duration) -> shared::Result<TcpStream> {
    let candidates = address.resolve();
    let candidates = candidates.context(format!("cannot resolve {}", address.host))?;
    let mut last = io::Error::other("there is no address to try");
    for candidate in candidates {
        match TcpStream::connect_timeout(&candidate, time) {
            // Connected to itself, by a rare accident: nobody listens there.
            Ok(stream) if stream.local_addr().is_ok_and(|own| own == candidate) => {
                last = ErrorKind::ConnectionRefused.into();
            }
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last).context(format!("cannot connect to {address}"))
}

fn talk(mut stream: &TcpStream, patience: Duration) -> io::Result<()> {
    stream.set_write_timeout(Some(patience))?;
    let mut rest = Vec::new();
    loop {
        let line = typed()?;
        if line.is_empty() {
            return Ok(());
        }
        stream.write_all(&line)?;
        let line = hear(stream, &mut rest, patience)?;
        if line.is_empty() {
            println!("They hung up.");
            return Ok(());
        }
        println!("them: {}", printable(&line));
    }
}

/// The next line; an empty one where the stream has ended. `rest` keeps what came behind.
fn hear(mut from: &TcpStream, rest: &mut Vec<u8>, time: Duration) -> io::Result<Vec<u8>> {
    let end = Instant::now() + time;
    loop {
        if let Some(position) = rest.iter().position(|byte| *byte == b'\n') {
            return Ok(rest.drain(..=position).collect());
        }
        if rest.len() > LONGEST {
            from.write_all(b"This line is too long.\n")?;
            return Err(io::Error::other("they sent a line without an end"));
        }
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::WouldBlock.into());
        }
        from.set_read_timeout(Some(left))?;
        let mut piece = [0; 1024];
        match from.read(&mut piece) {
            Ok(0) => return Ok(std::mem::take(rest)),
            Ok(count) => rest.extend(&piece[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The next line of the keyboard; an empty one after Ctrl+D.
fn typed() -> io::Result<Vec<u8>> {
    print!("you:  ");
    let mut line = Vec::new();
    io::stdin().lock().read_until(b'\n', &mut line)?;
    if line.is_empty() {
        println!("\nYou hung up."); // the cursor stood behind the prompt
    } else if !line.ends_with(b"\n") {
        line.push(b'\n');
    }
    Ok(line)
}

/// A peer may send anything: what would steer our terminal becomes a question mark.
fn printable(line: &[u8]) -> String {
    let end = if line.ends_with(b"\n") {
        ""
    } else {
        " (the line has no end)"
    };
    String::from_utf8_lossy(line.trim_ascii_end()).replace(char::is_control, "?") + end
}
