// ANCHOR: all
//! Lesson 11, the other side: it hears the keyboard and the server at the same time.
//!
//!     cargo run -p chat --bin chat-client
//!     cargo run -p chat --bin chat-client -- 127.0.0.1:2626

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::select::{FdSet, select};
use nix::sys::time::{TimeVal, TimeValLike};
use shared::{Args, Context, exit_on_ctrl_c};
use shared::{fits_fd_set, practice, println, visible, would_block};

const HELP: &str = "\
Sends what you type to a chat server, and prints what the others say meanwhile.
Ctrl+D leaves the chat.

usage: chat-client [HOST:PORT] [--timeout SECONDS]

  HOST:PORT          where the server listens; without it, a practice server inside
                     this program, with somebody to talk to
  --timeout SECONDS  how long the server may take nothing, show no sign of life, or
                     stay when you have left (10)

example: cargo run -p chat --bin chat-client -- 127.0.0.1:2626
";

const LINE: usize = 8192; // no line of a server is longer

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    exit_on_ctrl_c()?;
    let timeout = args.seconds("timeout", 10.0)?;
    let address = args.address_or_practice(practice::chat)?;
    let server = address.connect(timeout)?;
    talk(server, timeout).context(format!("the chat with {address} has ended"))
}

// ANCHOR: talk
fn talk(mut server: TcpStream, timeout: Duration) -> io::Result<()> {
    chat::set_options(&server, timeout)?; // nonblocking, and more
    // Not `io::stdin()`: that reads ahead, and its buffer is nothing that select can see.
    let keyboard = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    fits_fd_set(&keyboard)?; // fits in a set; set_options has asked that of the socket
    let mut keyboard = Some(keyboard);
    let (mut lines, mut typed) = (chat::Lines::up_to(LINE), Vec::new());
    let mut since = Instant::now(); // the server owes us something
    loop {
        let (mut read, mut write) = (FdSet::new(), FdSet::new());
        let mut left = None;
        read.insert(server.as_fd());
        match &keyboard {
            // Only where nothing waits: so nothing can pile up.
            Some(keyboard) if typed.is_empty() => read.insert(keyboard.as_fd()),
            _ => left = Some(timeout.saturating_sub(since.elapsed())),
        }
        match left {
            // We have left, and the server need not close; or it takes nothing from us.
            Some(Duration::ZERO) if typed.is_empty() => return Ok(()),
            Some(Duration::ZERO) => return Err(ErrorKind::TimedOut.into()),
            _ => {}
        }
        if !typed.is_empty() {
            write.insert(server.as_fd());
        }
        let mut left = left.map(|left| TimeVal::microseconds(left.as_micros() as i64));
        match select(None, &mut read, &mut write, None, left.as_mut()) {
            Err(Errno::EINTR) => continue, // stopped and continued: the sets mean nothing
            result => result?,
        };
        let is_ready = |keys: &File| read.contains(keys.as_fd());
        let pressed = keyboard.as_ref().is_some_and(is_ready);
        if read.contains(server.as_fd()) && !hear(&mut server, &mut lines)? {
            return keyboard.map_or(Ok(()), |_| Err(closed("the server has gone")));
        }
        if pressed {
            typed = read_keys(&mut keyboard)?;
            since = Instant::now();
        }
        if !typed.is_empty() {
            match server.write(&typed) {
                Err(ref error) if would_block(error) => continue,
                sent => drop(typed.drain(..sent?)),
            }
            since = Instant::now();
        }
        if keyboard.is_none() && typed.is_empty() {
            server.shutdown(Shutdown::Write).ok(); // we have left; read says the rest
        }
    }
}
// ANCHOR_END: talk

/// Prints what the server says; false at its end.
fn hear(server: &mut TcpStream, lines: &mut chat::Lines) -> io::Result<bool> {
    let mut chunk = [0; 4096];
    let count = match server.read(&mut chunk) {
        Err(ref error) if would_block(error) => return Ok(true), // it only seemed so
        result => result?,
    };
    let (said, over) = lines.feed(&chunk[..count]);
    for line in &said {
        // Bytes of a stranger: on this screen they are text, and steer nothing.
        println!("{}", visible(&String::from_utf8_lossy(line)));
    }
    over.transpose()?;
    match count {
        0 if !said.is_empty() => {
            Err(closed("the server has gone in the middle of a line"))
        }
        count => Ok(count > 0),
    }
}

fn closed(words: &str) -> io::Error {
    io::Error::new(ErrorKind::UnexpectedEof, words)
}

/// What was typed, with the network's end of line; no keyboard any more after Ctrl+D.
fn read_keys(keyboard: &mut Option<File>) -> io::Result<Vec<u8>> {
    let (mut chunk, mut typed) = ([0; 4096], Vec::new());
    let count = match keyboard.as_mut().map(|keys| keys.read(&mut chunk)) {
        Some(Err(ref error)) if would_block(error) => return Ok(typed),
        result => result.unwrap_or(Ok(0))?,
    };
    if count == 0 {
        *keyboard = None;
    }
    for byte in &chunk[..count] {
        match byte {
            b'\n' if typed.last() != Some(&b'\r') => typed.extend(b"\r\n"),
            byte => typed.push(*byte),
        }
    }
    Ok(typed)
}
