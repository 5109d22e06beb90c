// ANCHOR: all
//! Lesson 05, a conversation: two people type in turn. The caller speaks first.
//!
//!     cargo run -p bind-listen-accept --bin talk
//!     cargo run -p bind-listen-accept --bin talk-client -- 127.0.0.1:8888

use std::io::{self, BufRead, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{self, ExitCode};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use shared::{Args, Backoff, Context, StopSignal};
use shared::{close_all, close_gracefully, explain, print, println, reachable};

const HELP: &str = "\
Listens on a port and talks with one caller: a line of theirs, a line of yours.

usage: talk [HOST:PORT] [--timeout SECONDS]

  HOST:PORT          where to listen (127.0.0.1:8888); port 0 takes any free one
  --timeout SECONDS  how long to wait for a line of the caller (300)

Ctrl+D ends the talk.
example: cargo run -p bind-listen-accept --bin talk -- 127.0.0.1:9000
";

/// A longer line is a mistake or an attack. No terminal lets you type one.
const LONGEST: usize = 4096;

/// Who is on the line: on Ctrl+C we hang up before we go.
static CALLER: Mutex<Option<TcpStream>> = Mutex::new(None);

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    StopSignal::watch()?.on_stop(|| {
        close_all(on_the_line(None), Duration::from_millis(500));
        process::exit(0);
    });
    let patience = args.seconds("timeout", 300.0)?;
    let address = args.address_or("127.0.0.1:8888")?.first()?;
    // std's way: socket, SO_REUSEADDR (on Unix), bind and listen in one call.
    let listener = TcpListener::bind(address);
    let listener = listener.context(format!("cannot listen on {address}"))?;
    let own = listener.local_addr().context("cannot read its address")?;
    println!("Listening on {own}");
    println!("try: nc {} {}", reachable(own).ip(), own.port());
    let mut backoff = Backoff::default();
    loop {
        match listener.accept() {
            Err(error) => backoff
                .wait_or_fail(error)
                .context("cannot accept a caller")?,
            Ok((caller, address)) => {
                println!("{address} is on the line and speaks first");
                let lines = talk(&caller, patience);
                on_the_line(None);
                close_gracefully(caller, Duration::from_secs(1));
                match lines {
                    Ok(0) => println!("No word from them; next caller, please"),
                    Ok(_) => return Ok(()),
                    Err(error) => println!("{}; next caller, please", explain(&error)),
                }
            }
        }
    }
}

/// Puts somebody on the line, or nobody, and returns who was.
fn on_the_line(caller: Option<TcpStream>) -> Option<TcpStream> {
    std::mem::replace(&mut CALLER.lock().expect("no panic while locked"), caller)
}

// ANCHOR: talk
/// Returns how many lines came from the caller.
fn talk(mut caller: &TcpStream, patience: Duration) -> io::Result<usize> {
    on_the_line(Some(caller.try_clone()?));
    caller.set_write_timeout(Some(patience))?;
    let (mut rest, mut lines) = (Vec::new(), 0);
    loop {
        // Their turn. What you type meanwhile waits in the keyboard's own queue.
        let line = hear(caller, &mut rest, patience)?;
        if line.is_empty() {
            println!("They hung up.");
            return Ok(lines);
        }
        println!("them: {}", printable(&line));
        lines += 1;

        // Your turn. We wait for the keyboard, and do not see them hang up: lesson 10.
        let line = typed()?;
        if line.is_empty() {
            return Ok(lines);
        }
        caller.write_all(&line)?;
    }
}
// ANCHOR_END: talk

// ANCHOR: hear
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
// ANCHOR_END: hear

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
