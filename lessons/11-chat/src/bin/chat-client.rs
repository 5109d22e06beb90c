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
use shared::{Args, Context, practice};
use shared::{fits_fd_set, println, visible, would_block};
use socket2::{SockRef, TcpKeepalive};

#[path = "../lines.rs"]
mod lines;

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

const LONGEST_LINE: usize = 8192; // no line of a server is longer

pub fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    shared::exit_on_ctrl_c()?;
    let timeout = args.seconds("timeout", 10.0)?;
    let address = args.address_or_practice(practice::chat)?;
    let server = address.connect(timeout)?;
    prepare(&server, timeout).context("cannot prepare the connection")?;
    talk(server, timeout).context(format!("the chat with {address} has ended"))
}

fn talk(mut server: TcpStream, timeout: Duration) -> io::Result<()> {
    let mut keyboard = Some(open_keyboard()?); // until Ctrl+D
    let mut rest = Vec::new(); // the start of a line of the server's
    let mut typed = Vec::new(); // what the kernel has not taken yet
    let mut since = Instant::now(); // the server owes us something
    loop {
        // More of the keyboard only when all is sent: so nothing can pile up.
        let asked = if typed.is_empty() {
            keyboard.as_ref()
        } else {
            None
        };
        let left = match asked {
            Some(_) => None, // while you may type, there is no hurry
            None => Some(timeout.saturating_sub(since.elapsed())),
        };
        match left {
            Some(Duration::ZERO) if typed.is_empty() => return Ok(()), // we have left
            Some(Duration::ZERO) => return Err(ErrorKind::TimedOut.into()), // no room
            _ => {}
        }
        let ready = wait(&server, asked, !typed.is_empty(), left)?;
        if ready.server && !hear(&mut server, &mut rest)? {
            return match keyboard {
                Some(_) => Err(closed("the server has gone")),
                None => Ok(()),
            };
        }
        if ready.keyboard {
            typed = read_keys(&mut keyboard)?;
            since = Instant::now();
        }
        if !typed.is_empty() && send(&mut server, &mut typed)? {
            since = Instant::now();
        }
        if keyboard.is_none() && typed.is_empty() {
            server.shutdown(Shutdown::Write).ok(); // we have left; its read says the rest
        }
    }
}

struct Ready {
    server: bool,
    keyboard: bool,
}

fn wait(
    server: &TcpStream,
    keyboard: Option<&File>,
    unsent: bool,
    left: Option<Duration>,
) -> io::Result<Ready> {
    let (mut readable, mut writable) = (FdSet::new(), FdSet::new());
    readable.insert(server.as_fd());
    if unsent {
        writable.insert(server.as_fd());
    }
    if let Some(keyboard) = keyboard {
        readable.insert(keyboard.as_fd());
    }
    let mut left = left.map(|left| TimeVal::microseconds(left.as_micros() as i64));
    match select(None, &mut readable, &mut writable, None, left.as_mut()) {
        Err(Errno::EINTR) => readable = FdSet::new(), // it means nothing: nobody is ready
        result => {
            result?;
        }
    }
    Ok(Ready {
        server: readable.contains(server.as_fd()),
        keyboard: keyboard.is_some_and(|keyboard| readable.contains(keyboard.as_fd())),
    })
}

/// Prints what the server says; false at its end.
fn hear(server: &mut TcpStream, rest: &mut Vec<u8>) -> io::Result<bool> {
    let mut buffer = [0; 4096];
    let count = match server.read(&mut buffer) {
        Err(error) if would_block(&error) => return Ok(true), // it only seemed so
        result => result?,
    };
    rest.extend(&buffer[..count]);
    let ended = count == 0;
    let cut_off = ended && !rest.is_empty();
    while let Some(line) = lines::take_line(rest, LONGEST_LINE, ended)? {
        // Bytes of a stranger: on this screen they are text, and steer nothing.
        println!("{}", visible(&String::from_utf8_lossy(&line)));
    }
    if cut_off {
        return Err(closed("the server has gone in the middle of a line"));
    }
    Ok(!ended)
}

/// Not `io::stdin()`: a File has no buffer. Its read is one read(2).
fn open_keyboard() -> io::Result<File> {
    let keyboard = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    fits_fd_set(&keyboard)?;
    Ok(keyboard)
}

/// What was typed, with the network's end of line; no keyboard any more after Ctrl+D.
fn read_keys(keyboard: &mut Option<File>) -> io::Result<Vec<u8>> {
    let mut typed = Vec::new();
    let Some(file) = keyboard else {
        return Ok(typed);
    };
    let mut buffer = [0; 4096];
    let count = match file.read(&mut buffer) {
        Err(error) if would_block(&error) => return Ok(typed),
        result => result?,
    };
    if count == 0 {
        *keyboard = None;
    }
    for byte in &buffer[..count] {
        match byte {
            b'\n' if typed.last() != Some(&b'\r') => typed.extend(b"\r\n"),
            byte => typed.push(*byte),
        }
    }
    Ok(typed)
}

/// Hands to the kernel what it takes now; false where it takes nothing.
fn send(server: &mut TcpStream, typed: &mut Vec<u8>) -> io::Result<bool> {
    match server.write(typed) {
        Ok(count) => {
            typed.drain(..count);
        }
        Err(error) if would_block(&error) => return Ok(false),
        Err(error) => return Err(error),
    }
    Ok(true)
}

/// Its calls never sleep, small lines do not wait (lesson 06), and a machine without a
/// sign of life is given up (lesson 12).
fn prepare(server: &TcpStream, timeout: Duration) -> io::Result<()> {
    fits_fd_set(server)?;
    server.set_nonblocking(true)?;
    server.set_nodelay(true)?;
    let second = Duration::from_secs(1);
    let keepalive = TcpKeepalive::new()
        .with_time((timeout / 2).max(second))
        .with_interval((timeout / 8).max(second));
    let socket = SockRef::from(server);
    socket.set_tcp_keepalive(&keepalive)?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(timeout))?;
    Ok(())
}

fn closed(words: &str) -> io::Error {
    io::Error::new(ErrorKind::UnexpectedEof, words)
}
