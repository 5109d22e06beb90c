//! Lesson 05, talk: two people type in turn. The caller speaks first.
//!
//!     cargo run -p bind-listen-accept --bin talk
//!     cargo run -p bind-listen-accept --bin talk-client -- 127.0.0.1:8888
//!
//! What it cannot do: see that they hang up while you type (lesson 10); refuse a line
//! that never ends (lesson 06), or of which a byte comes now and then (lesson 09).

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::time::Duration;

use shared::{Args, Context, announce, close_gracefully, explain, print, println};

const HELP: &str = "\
Listens on a port and talks with one caller: a line of theirs, a line of yours.

usage: talk [HOST:PORT] [--timeout SECONDS]

  HOST:PORT          where to listen (127.0.0.1:8888); port 0 takes any free one
  --timeout SECONDS  how long to wait for a line of the caller (300)

Ctrl+D ends the talk.
example: cargo run -p bind-listen-accept --bin talk -- 127.0.0.1:9000
";

const GOODBYE: Duration = Duration::from_secs(1); // so long we wait until they close, too

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    shared::exit_on_ctrl_c()?;
    let patience = args.seconds("timeout", 300.0)?;
    let address = args.address_or("127.0.0.1:8888")?.first()?;
    let listener = TcpListener::bind(address); // socket, SO_REUSEADDR, bind, listen
    let listener = listener.context(format!("cannot listen on {address}"))?;
    let own = listener.local_addr().context("cannot read its address")?;
    announce(own);

    loop {
        let (mut caller, peer) = listener.accept().context("cannot accept a caller")?;
        println!("{peer} is on the line and speaks first");
        let lines = talk(&mut caller, patience);
        close_gracefully(caller, GOODBYE);
        match lines {
            Ok(0) => println!("No word from them; next caller, please"),
            Ok(_) => return Ok(()),
            Err(error) => println!("{}; next caller, please", explain(&error)),
        }
    }
}

/// Returns how many lines came from the caller.
fn talk(caller: &mut TcpStream, patience: Duration) -> io::Result<u32> {
    caller.set_read_timeout(Some(patience))?;
    caller.set_write_timeout(Some(patience))?;
    let mut reader = BufReader::new(caller.try_clone()?); // keeps what comes after a line
    let mut lines = 0;
    loop {
        // Their turn. What you type meanwhile waits in the keyboard's own queue.
        let mut heard = Vec::new();
        if reader.read_until(b'\n', &mut heard)? == 0 {
            println!("They hung up.");
            return Ok(lines);
        }
        println!("them: {}", printable(&heard));
        lines += 1;

        // Your turn. We wait for the keyboard, and do not see them hang up: lesson 10.
        let line = typed()?;
        if line.is_empty() {
            return Ok(lines);
        }
        caller.write_all(&line)?;
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
