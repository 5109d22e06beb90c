//! Whether a program sleeps while nothing happens, and wakes at once when something does.

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

/// So long a look for wakes lasts, and so often a program may wake in it: one that waits in a
/// call does not wake at all, one that looks each millisecond does fourteen times.
const REST: Duration = Duration::from_millis(15);
const WAKES: u64 = 4;

/// A rest takes so long at most, where a program gets the processor now and then only.
const LONGEST_REST: Duration = Duration::from_secs(1);

/// It may have something left to do at first.
const RESTLESS: usize = 5;

/// Looks whether a process that sleeps is woken though nothing is there to be done, by a clock
/// of its own: a thread that goes to sleep again gives the processor away, and the kernel
/// counts that (proc_pid_status(5), `voluntary_ctxt_switches`).
///
/// # Errors
/// Failure, when it wakes again and again. Where the system does not tell, there is none.
pub fn rests(pid: u32, clock: Clock) -> Result<(), Failure> {
    let mut woke = 0;
    for _ in 0..RESTLESS {
        let Some(count) = wakes(pid, clock) else {
            return Ok(());
        };
        woke = count;
        if woke <= WAKES {
            return Ok(());
        }
    }
    let seen = format!("it woke {woke} times in {REST:?}, and nothing had come");
    let cause = "it looks again and again whether something has come: a call that waits \
                 wakes when there is something";
    Err(Failure::new("a program that sleeps", seen).certain(cause))
}

/// How often a process wakes in a [`REST`]. While it waits for a processor it does neither
/// sleep nor wake: that time does not count. None, where the system does not tell.
fn wakes(pid: u32, clock: Clock) -> Option<u64> {
    let (start, end) = (Instant::now(), clock.within(LONGEST_REST));
    let (before, waited) = (proc::naps(pid)?, proc::waited_for_a_processor(pid));
    loop {
        thread::sleep(REST); // the look itself
        let waited = proc::waited_for_a_processor(pid).saturating_sub(waited);
        if start.elapsed().saturating_sub(waited) >= REST || Instant::now() > end {
            return Some(proc::naps(pid)?.saturating_sub(before));
        }
    }
}

/// So long nothing takes for which a program wakes at once.
const AT_ONCE: Duration = Duration::from_millis(40);

/// So many quick tries are proof that it can be quick: on a busy machine others are late.
const QUICK: usize = 3;

/// How often that is tried.
const TRIES: usize = 12;

/// Between two tries, so that a program has gone to sleep again, or begun its pause.
const BREATH: Duration = Duration::from_millis(2);

/// Tries something that a program does as soon as it wakes, until it was quick a few times.
/// Whoever looks only now and then, with a pause between two looks, needs a whole pause for
/// each try but the first.
///
/// # Errors
/// The try's own, and failure when it took its time again and again.
pub fn wakes_at_once(
    mut tries: impl FnMut() -> Result<(), Failure>,
) -> Result<(), Failure> {
    tries()?;
    let mut times = Vec::new();
    for _ in 0..TRIES {
        thread::sleep(BREATH);
        let start = Instant::now();
        tries()?;
        times.push(start.elapsed());
        if times.iter().filter(|time| **time < AT_ONCE).count() == QUICK {
            return Ok(());
        }
    }
    times.sort_unstable();
    let seen = format!(
        "{TRIES} times it took longer, mostly {:.0?}",
        times[TRIES / 2]
    );
    let expected = format!("that it wakes at once, now and then within {AT_ONCE:?}");
    let cause = "it looks only now and then whether something has come: a call that waits \
                 wakes at once";
    Err(Failure::new(expected, seen).certain(cause))
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
