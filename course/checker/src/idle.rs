//! Whether a program sleeps while nothing happens.

use std::thread;
use std::time::{Duration, Instant};

use crate::ANSWER;
use crate::clock::Clock;
use crate::failure::Failure;
use crate::proc;

/// So much work without a cause is no leftover of what came before.
const WORK: Duration = Duration::from_millis(100);

/// Looks one after another, a millisecond apart, that must all find it asleep.
const LOOKS: usize = 10;

/// Waits until all threads of a process sleep, and stay asleep for some looks.
///
/// A thread that could run counts as awake also while it waits for a processor: so a loaded
/// machine changes nothing. It may take its time to become idle, but not [`WORK`].
///
/// # Errors
/// Failure, when it works and works. Where the system does not tell, there is none.
pub fn becomes_idle(pid: u32, clock: Clock) -> Result<(), Failure> {
    let end = clock.within(ANSWER);
    let (mut asleep, mut start) = (0, None);
    while asleep < LOOKS {
        let Some((sleeps, worked)) = proc::work(pid) else {
            return Ok(());
        };
        asleep = if sleeps { asleep + 1 } else { 0 };
        let worked = worked.saturating_sub(*start.get_or_insert(worked));
        if worked >= WORK || Instant::now() > end {
            let seen = format!("it used a processor for {} ms", worked.as_millis());
            let failure = Failure::new("a program that sleeps", seen);
            return Err(failure.likely("its loop runs in circles and never sleeps"));
        }
        thread::sleep(Duration::from_millis(1)); // between two looks
    }
    Ok(())
}

/// Whether a signal has stopped the process, or it has ended. Where the system does not
/// tell: yes.
#[cfg(unix)]
pub fn has_stopped(pid: u32) -> bool {
    let status = proc::status(pid);
    // `t`: it is stopped, and somebody looks on.
    status.is_none_or(|status| matches!(status.state, 'T' | 't') || status.has_ended())
}

/// Whether another program looks on at it, as strace does.
#[cfg(unix)]
pub fn is_traced(pid: u32) -> bool {
    proc::status(pid).is_some_and(|status| status.traced)
}
