// ANCHOR: all
//! Lesson 10: waits for the keyboard and two sockets at once, with select(2).
//!
//!     cargo run -p select -- 127.0.0.1:9999 --second 127.0.0.1:8888

use std::io::{self, PipeReader, Read, Write};
#[cfg(unix)]
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::{fs::File, net::TcpStream, process::ExitCode, time::Duration};

#[cfg(unix)]
use nix::{errno::Errno, sys::select, sys::time::TimeVal};
use shared::println;
#[cfg(not(unix))]
use shared::unix_only as watch;
use shared::{Args, Context, Error, StopSignal, exit_on_ctrl_c};

mod line_printer;
mod practice;
use line_printer::{LinePrinter, is_lost};

const HELP: &str = "\
Waits for the keyboard and two peers at once. What you type goes to both peers.

usage: select [HOST:PORT] [--second HOST:PORT] [--timeout SECONDS]

  HOST:PORT          a peer, and with --second another one; without, practice servers
  --timeout SECONDS  how long to wait for something to happen, or to connect (5)

example: cargo run -p select -- 127.0.0.1:9999 --second 127.0.0.1:8888
";

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    exit_on_ctrl_c()?;
    let timeout = args.seconds("timeout", 5.0)?;
    let addresses = practice::two_or_practice(&args, "second")?;
    let mut peers = Vec::new();
    for (name, address) in ["first", "second"].into_iter().zip(addresses) {
        let stream = address.connect(timeout)?;
        stream.set_nonblocking(true).context("cannot unblock")?;
        peers.push(Peer {
            stream,
            heard: LinePrinter::of(name),
            unsent: Vec::new(),
        });
    }
    // From now on Ctrl+C does not exit: it drops `wake_tx`, and `wake_rx` becomes
    // readable.
    let (wake_rx, wake_tx) = io::pipe().context("cannot make a pipe")?;
    StopSignal::watch()?.on_stop(move || drop(wake_tx));
    println!("Type something: it goes to both. Ctrl+C ends.");
    watch(peers, &wake_rx, timeout)
}

// ANCHOR: watch
#[cfg(unix)]
fn watch(
    mut peers: Vec<Peer>,
    wake_rx: &PipeReader,
    timeout: Duration,
) -> shared::Result<()> {
    // Not io::stdin(): that has a buffer, and what is in there select cannot see.
    let keyboard = io::stdin().as_fd().try_clone_to_owned();
    let mut keyboard = Some(File::from(keyboard.context("cannot use the keyboard")?));
    while !peers.is_empty() {
        // select answers in the sets in which it was asked: new ones for each call.
        let [mut readable, mut writable] = [select::FdSet::new(); 2];
        readable.insert(fits(wake_rx)?);
        for peer in &peers {
            readable.insert(fits(&peer.stream)?);
            if !peer.unsent.is_empty() {
                writable.insert(peer.stream.as_fd()); // mostly it is: ask only in need
            }
        }
        // More of the keyboard when both have got all: so the memory has its limit.
        let all_sent = peers.iter().all(|peer| peer.unsent.is_empty());
        let asked = keyboard.as_ref().filter(|_| all_sent);
        if let Some(keyboard) = asked {
            readable.insert(fits(keyboard)?);
        }
        let mut left = TimeVal::new(timeout.as_secs() as _, timeout.subsec_micros() as _);
        match select::select(None, &mut readable, &mut writable, None, &mut left) {
            Ok(0) => println!("{} seconds elapsed", timeout.as_secs_f64()),
            Err(Errno::EINTR) => continue, // a signal came, and the sets say nothing
            ready => drop(ready.map_err(io::Error::from).context("cannot wait")?),
        }
        if readable.contains(wake_rx.as_fd()) {
            break;
        }
        // The sets borrow the sockets: note what is ready, and let go of the sets.
        let typed = asked.is_some_and(|keyboard| readable.contains(keyboard.as_fd()));
        let sockets = peers.iter().map(|peer| peer.stream.as_fd());
        let ready = sockets.map(|fd| (readable.contains(fd), writable.contains(fd)));
        let mut ready = ready.collect::<Vec<_>>().into_iter();
        peers.retain_mut(|peer| ready.next().is_some_and(|ready| peer.go_on(ready)));
        if typed && let Some(file) = &mut keyboard {
            match read_now("the keyboard", file) {
                Some(piece) => peers.iter_mut().for_each(|p| p.unsent.extend(&piece)),
                None => keyboard = None, // or it would be readable for ever
            }
        }
    }
    Ok(())
}

/// A set has 1024 bits. FD_SET in C would write behind them; nix's insert panics.
#[cfg(unix)]
fn fits<F: AsFd>(fd: &F) -> shared::Result<BorrowedFd<'_>> {
    let number = fd.as_fd().as_raw_fd();
    if number as usize >= select::FD_SETSIZE {
        let error = Error::new(format!("descriptor {number} is too large for select"));
        return Err(error.hint("poll takes any: cargo run -p select --bin poll"));
    }
    Ok(fd.as_fd())
}
// ANCHOR_END: watch

// ANCHOR: peer
struct Peer {
    stream: TcpStream,
    heard: LinePrinter, // what came in, up to the end of a line
    unsent: Vec<u8>,    // what was typed, and the kernel has not taken yet
}

impl Peer {
    /// Does what can be done without waiting. Returns whether the peer is still there.
    fn go_on(&mut self, (readable, writable): (bool, bool)) -> bool {
        if readable {
            match read_now(self.heard.name(), &mut self.stream) {
                Some(piece) => self.heard.print(&piece),
                None => return false,
            }
        }
        if writable {
            match self.stream.write(&self.unsent) {
                Ok(count) => drop(self.unsent.drain(..count)), // maybe not all
                Err(error) => return !is_lost(self.heard.name(), &error),
            }
        }
        true
    }
}

/// What is there now, maybe nothing. None, where nothing will ever come again.
fn read_now(name: &str, from: &mut impl Read) -> Option<Vec<u8>> {
    let mut piece = vec![0; 4096];
    match from.read(&mut piece) {
        Ok(0) => println!("[{name} has ended]"),
        Ok(count) => return Some(piece[..count].to_vec()),
        // It may have been ready, and is not any more. That is normal: back to select.
        Err(error) => return (!is_lost(name, &error)).then(Vec::new),
    }
    None
}
// ANCHOR_END: peer
