// ANCHOR: all
//! Lesson 10: the same with poll(2): waits for the keyboard and two sockets at once.
//!
//!     cargo run -p select --bin poll
//!     cargo run -p select --bin poll -- 127.0.0.1:9999 --second 127.0.0.1:8888

#[path = "../event_loop.rs"]
mod event_loop;
#[path = "../line_printer.rs"]
mod line_printer;
#[path = "../practice.rs"]
mod practice;

use std::process::ExitCode;

use shared::{Args, exit_on_ctrl_c};

const HELP: &str = "\
Waits for the keyboard and two peers at once. What you type goes to both peers.

usage: poll [HOST:PORT] [--second HOST:PORT] [--timeout SECONDS]

  HOST:PORT          a peer, and with --second another one; without, practice servers
  --timeout SECONDS  how long to wait for something to happen, or to connect (5)

example: cargo run -p select --bin poll -- 127.0.0.1:9999 --second 127.0.0.1:8888
";

pub fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    exit_on_ctrl_c()?;
    let timeout = args.seconds("timeout", 5.0)?;
    let addresses = practice::two_or_practice(&args, "second")?;
    event_loop::run(addresses, timeout, with_poll::wait)
}

mod with_poll {
    use std::io;
    use std::os::fd::AsFd;
    use std::time::Duration;

    use nix::errno::Errno;
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use shared::{Context, println};

    use crate::program::event_loop::{Question, Ready};

    /// Sleeps until something is ready, or the time is over.
    pub fn wait(question: &Question) -> shared::Result<Ready> {
        let mut asked = vec![PollFd::new(question.wake_rx.as_fd(), PollFlags::POLLIN)];
        for peer in question.peers {
            let what = match peer.unsent.is_empty() {
                true => PollFlags::POLLIN,
                false => PollFlags::POLLIN | PollFlags::POLLOUT, // ask only in need
            };
            asked.push(PollFd::new(peer.stream.as_fd(), what));
        }
        if let Some(file) = question.keyboard {
            asked.push(PollFd::new(file.as_fd(), PollFlags::POLLIN));
        }
        // In milliseconds: 0 would not wait at all, and 24 days are the most.
        let time = question.timeout.max(Duration::from_millis(1));
        let time = PollTimeout::try_from(time).unwrap_or(PollTimeout::MAX);
        match poll(&mut asked, time) {
            Ok(0) => println!("{} seconds elapsed", question.timeout.as_secs_f64()),
            Ok(_) => {}
            Err(Errno::EINTR) => return wait(question), // a signal came: ask again
            Err(error) => return Err(io::Error::from(error)).context("cannot wait"),
        }

        // The questions are still there, and beside each stands its answer.
        let peers = &asked[1..=question.peers.len()];
        let keyboard = asked.get(1 + question.peers.len());
        Ok(Ready {
            to_read: peers.iter().map(can_read).collect(),
            to_send: peers.iter().map(can_write).collect(),
            keyboard: keyboard.is_some_and(can_read),
            wake_rx: can_read(&asked[0]),
        })
    }

    /// POLLHUP and POLLERR come unasked. They are for read: it does not wait, and says
    /// what it is.
    fn can_read(entry: &PollFd) -> bool {
        let answer = entry.revents().unwrap_or(PollFlags::POLLERR);
        !(answer - PollFlags::POLLOUT).is_empty()
    }

    fn can_write(entry: &PollFd) -> bool {
        let answer = entry.revents().unwrap_or(PollFlags::POLLERR);
        answer.contains(PollFlags::POLLOUT)
    }
}
