//! Whether a program sleeps while nothing happens, from /proc/PID/task (proc(5)).

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use crate::ANSWER;
use crate::clock::Clock;
use crate::trouble::Trouble;

/// So much work without a cause is no leftover of what came before.
const WORK: Duration = Duration::from_millis(100);

/// Looks one after another, a millisecond apart, that must all find it asleep.
const LOOKS: usize = 10;

/// Waits until all threads of a process sleep, and stay asleep for some looks.
///
/// A thread that could run counts as awake also while it waits for a processor: so a loaded
/// machine changes nothing. It may take its time to come to rest, but not [`WORK`].
///
/// # Errors
/// Trouble, when it works and works. Where the system does not tell, there is none.
pub fn comes_to_rest(pid: u32, clock: Clock) -> Result<(), Trouble> {
    let end = clock.within(ANSWER);
    let (mut asleep, mut start) = (0, None);
    while asleep < LOOKS {
        let Some((rests, worked)) = look(pid) else {
            return Ok(());
        };
        asleep = if rests { asleep + 1 } else { 0 };
        let worked = worked.saturating_sub(*start.get_or_insert(worked));
        if worked >= WORK || Instant::now() > end {
            let seen = format!("it used a processor for {} ms", worked.as_millis());
            let trouble = Trouble::fail("a program that sleeps", seen);
            return Err(trouble.because("its loop runs in circles and never sleeps"));
        }
        thread::sleep(Duration::from_millis(1)); // between two looks
    }
    Ok(())
}

/// Whether a signal has stopped the process, or it has ended. Where the system does not
/// tell: yes.
#[cfg(unix)]
pub fn has_stopped(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat
        .rsplit_once(") ")
        .and_then(|(_, rest)| rest.chars().next());
    state.is_none_or(|state| "TZX".contains(state))
}

/// Whether all threads sleep, and how long they have worked so far.
fn look(pid: u32) -> Option<(bool, Duration)> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    let (mut rests, mut ticks) = (true, 0);
    for task in tasks.flatten() {
        // A thread may end between the two calls.
        let text = fs::read_to_string(task.path().join("stat")).unwrap_or_default();
        let Some((_, rest)) = text.rsplit_once(')') else {
            continue;
        };
        let words: Vec<_> = rest.split_whitespace().collect();
        rests &= words.first() != Some(&"R");
        let fields = words.get(11..13)?.iter();
        ticks += fields
            .filter_map(|word| word.parse::<u64>().ok())
            .sum::<u64>();
    }
    Some((rests, Duration::from_millis(ticks * 10))) // 100 ticks are a second
}
