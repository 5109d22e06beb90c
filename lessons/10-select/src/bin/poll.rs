// ANCHOR: all
//! Lesson 10: the same with poll(2): waits for the keyboard and two sockets at once.
//!
//!     cargo run -p select --bin poll
//!     cargo run -p select --bin poll -- 127.0.0.1:9999 --second 127.0.0.1:8888

use std::io::{self, PipeReader, Read, Write};
#[cfg(unix)]
use std::os::fd::AsFd;
use std::{fs::File, net::TcpStream, process::ExitCode, time::Duration};

#[cfg(unix)]
use nix::errno::Errno;
#[cfg(unix)]
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use shared::println;
#[cfg(not(unix))]
use shared::unix_only as watch;
use shared::{Args, Context, StopSignal, exit_on_ctrl_c};

#[path = "../line_printer.rs"]
mod line_printer;
#[path = "../practice.rs"]
mod practice;
use line_printer::{LinePrinter, is_lost};

const HELP: &str = "\
Waits for the keyboard and two peers at once. What you type goes to both peers.

usage: poll [HOST:PORT] [--second HOST:PORT] [--timeout SECONDS]

  HOST:PORT          a peer, and with --second another one; without, practice servers
  --timeout SECONDS  how long to wait for something to happen, or to connect (5)

example: cargo run -p select --bin poll -- 127.0.0.1:9999 --second 127.0.0.1:8888
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
    // Not io::stdin(): that has a buffer, and what is in there poll cannot see.
    let keyboard = io::stdin().as_fd().try_clone_to_owned();
    let mut keyboard = Some(File::from(keyboard.context("cannot use the keyboard")?));
    // In milliseconds: 0 would not wait at all, and 24 days are the most.
    let wait = PollTimeout::try_from(timeout.max(Duration::from_millis(1)));
    let wait = wait.unwrap_or(PollTimeout::MAX);
    while !peers.is_empty() {
        let mut asked = vec![PollFd::new(wake_rx.as_fd(), PollFlags::POLLIN)];
        for peer in &peers {
            let mut what = PollFlags::POLLIN;
            what.set(PollFlags::POLLOUT, !peer.unsent.is_empty()); // ask only in need
            asked.push(PollFd::new(peer.stream.as_fd(), what));
        }
        // More of the keyboard when both have got all: so the memory has its limit.
        let all_sent = peers.iter().all(|peer| peer.unsent.is_empty());
        if let Some(keyboard) = keyboard.as_ref().filter(|_| all_sent) {
            asked.push(PollFd::new(keyboard.as_fd(), PollFlags::POLLIN));
        }
        match poll(&mut asked, wait) {
            Ok(0) => println!("{} seconds elapsed", timeout.as_secs_f64()),
            Ok(_) => {}
            Err(Errno::EINTR) => continue, // a signal came, and the answers say nothing
            Err(error) => return Err(error.into()).context("cannot wait"),
        }
        // The questions are still there, and beside each stands its answer. POLLHUP and
        // POLLERR come unasked. They are for read: it does not wait, and says what it is.
        let answers = asked
            .iter()
            .map(|entry| entry.revents().unwrap_or(PollFlags::POLLERR));
        let ready = answers.map(|answer| {
            let writable = answer.contains(PollFlags::POLLOUT);
            (!(answer - PollFlags::POLLOUT).is_empty(), writable)
        });
        let mut ready = ready.collect::<Vec<_>>().into_iter();
        if ready.next().is_some_and(|(rings, _)| rings) {
            break;
        }
        peers.retain_mut(|peer| ready.next().is_some_and(|ready| peer.go_on(ready)));
        let typed = ready.next().is_some_and(|(readable, _)| readable);
        if typed && let Some(file) = &mut keyboard {
            match read_now("the keyboard", file) {
                Some(piece) => peers.iter_mut().for_each(|p| p.unsent.extend(&piece)),
                None => keyboard = None, // or it would be readable for ever
            }
        }
    }
    Ok(())
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
        // It may have been ready, and is not any more. That is normal: back to poll.
        Err(error) => return (!is_lost(name, &error)).then(Vec::new),
    }
    None
}
// ANCHOR_END: peer
