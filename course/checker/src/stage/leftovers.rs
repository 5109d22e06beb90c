//! What clients that have gone leave behind in a server: sockets and threads.

use std::thread;
use std::time::{Duration, Instant};

use super::Stage;
use crate::ANSWER;
use crate::failure::Failure;

/// What a program has at a moment; none, where the system does not say.
#[derive(Debug, Clone, Copy)]
pub struct Holdings {
    sockets: Option<usize>,
    threads: Option<usize>,
}

impl Stage {
    /// What the program has now.
    ///
    /// # Errors
    /// A checker error, when none was started.
    pub fn holdings(&mut self) -> Result<Holdings, Failure> {
        let program = self.program()?;
        Ok(Holdings {
            sockets: program.open_sockets().map(|open| open.len()),
            threads: program.threads(),
        })
    }

    /// Expects that it has no more than it had then, when its clients have gone. `spare` may be
    /// kept: a pool of threads has grown by some, and one client may not have gone yet.
    ///
    /// # Errors
    /// Failure, when it has.
    pub fn has_given_back(
        &mut self,
        before: Holdings,
        spare: usize,
    ) -> Result<(), Failure> {
        let end = self.within(ANSWER);
        let more = |now: Option<usize>, before: Option<usize>| {
            let more = now?.saturating_sub(before?);
            (more > spare).then_some(more)
        };
        loop {
            let now = self.holdings()?;
            let sockets = more(now.sockets, before.sockets);
            let threads = more(now.threads, before.threads);
            if sockets.is_none() && threads.is_none() {
                return Ok(());
            }
            if Instant::now() > end {
                return Err(leftover(sockets, threads));
            }
            thread::sleep(Duration::from_millis(1)); // between two looks
        }
    }
}

fn leftover(sockets: Option<usize>, threads: Option<usize>) -> Failure {
    let expected = "nothing left of clients that have gone";
    let (seen, cause) = match (sockets, threads) {
        (Some(sockets), _) => (
            format!("{sockets} sockets are open that were not there before them"),
            "the connection of a client that has gone is not closed: descriptors run out",
        ),
        (None, threads) => (
            format!(
                "{} threads that were not there before them",
                threads.unwrap_or_default()
            ),
            "the thread of a client that has gone does not end: threads run out",
        ),
    };
    Failure::timeout(expected, seen).certain(cause)
}
