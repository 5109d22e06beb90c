// ANCHOR: all
//! Lesson 10: waits for the keyboard and two sockets at once, with select(2).
//!
//!     cargo run -p select
//!     cargo run -p select -- 127.0.0.1:9999 --second 127.0.0.1:8888

mod event_loop;
mod line_printer;
mod practice;

use std::process::ExitCode;

use shared::{Args, exit_on_ctrl_c};

const HELP: &str = "\
Waits for the keyboard and two peers at once. What you type goes to both peers.

usage: select [HOST:PORT] [--second HOST:PORT] [--timeout SECONDS]

  HOST:PORT          a peer, and with --second another one; without, practice servers
  --timeout SECONDS  how long to wait for something to happen, or to connect (5)

example: cargo run -p select -- 127.0.0.1:9999 --second 127.0.0.1:8888
";

pub fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    exit_on_ctrl_c()?;
    let timeout = args.seconds("timeout", 5.0)?;
    let addresses = practice::two_or_practice(&args, "second")?;
    event_loop::run(addresses, timeout, with_select::wait)
}

mod with_select {
    use std::io;
    use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

    use nix::errno::Errno;
    use nix::sys::select::{FD_SETSIZE, FdSet, select};
    use nix::sys::time::{TimeVal, TimeValLike};
    use shared::{Context, Error, println};

    use crate::program::event_loop::{Question, Ready};

    /// Sleeps until something is ready, or the time is over. The sets borrow what is in
    /// them, and live no longer than this function.
    pub fn wait(question: &Question) -> shared::Result<Ready> {
        let mut readable = FdSet::new(); // select changes the sets: new ones each time
        let mut writable = FdSet::new();
        readable.insert(fits(question.wake_rx)?);
        for peer in question.peers {
            readable.insert(fits(&peer.stream)?);
            if !peer.unsent.is_empty() {
                writable.insert(peer.stream.as_fd()); // mostly it is: ask only in need
            }
        }
        if let Some(file) = question.keyboard {
            readable.insert(fits(file)?);
        }
        let microseconds =
            i64::try_from(question.timeout.as_micros()).unwrap_or(i64::MAX);
        let mut time = TimeVal::microseconds(microseconds); // select may change it
        match select(None, &mut readable, &mut writable, None, &mut time) {
            Ok(0) => println!("{} seconds elapsed", question.timeout.as_secs_f64()),
            Ok(_) => {}
            Err(Errno::EINTR) => return wait(question), // a signal came: ask again
            Err(error) => return Err(io::Error::from(error)).context("cannot wait"),
        }

        let peers = question.peers.iter();
        let can_read = peers
            .clone()
            .map(|peer| readable.contains(peer.stream.as_fd()));
        let can_write = peers.map(|peer| writable.contains(peer.stream.as_fd()));
        let keyboard = question.keyboard;
        Ok(Ready {
            to_read: can_read.collect(),
            to_send: can_write.collect(),
            keyboard: keyboard.is_some_and(|file| readable.contains(file.as_fd())),
            wake_rx: readable.contains(question.wake_rx.as_fd()),
        })
    }

    /// A set has 1024 bits. FD_SET in C would write after their end; nix's insert panics.
    fn fits<F: AsFd>(fd: &F) -> shared::Result<BorrowedFd<'_>> {
        let number = fd.as_fd().as_raw_fd();
        if number as usize >= FD_SETSIZE {
            let error =
                Error::new(format!("descriptor {number} is too large for select"));
            return Err(error.hint("poll takes any: cargo run -p select --bin poll"));
        }
        Ok(fd.as_fd())
    }
}
