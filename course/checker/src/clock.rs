//! The time that a check has as a whole.

use std::time::{Duration, Instant};

use crate::{ANSWER, LONGEST, START, WHOLE, proc, recorder};

/// How long a check that begins now may take as a whole: a start of an interpreter that takes
/// 0.1 s alone takes a second where ten programs share each processor.
pub fn whole() -> Duration {
    let share = proc::busy_programs_for_each_processor();
    let whole = WHOLE.mul_f64(share.max(1.0)).min(LONGEST);
    Duration::from_secs(whole.as_secs())
}

/// Says when a check must be over. No wait in it lasts longer.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    end: Instant,
}

impl Clock {
    /// Starts it: the check may take so long.
    pub fn new(whole: Duration) -> Self {
        let end = Instant::now() + whole;
        Self { end }
    }

    /// The end of a wait that begins now.
    pub fn within(self, wait: Duration) -> Instant {
        self.end.min(Instant::now() + wait)
    }

    /// A wait for something that the program is to do.
    pub fn waits(self, wait: Duration) -> Wait {
        self.waits_until(self.within(wait))
    }

    /// A wait for the first sign of a program that was started then.
    pub fn waits_for_the_first_sign(self, started: Instant) -> Wait {
        self.waits_until(self.end.min((Instant::now() + ANSWER).max(started + START)))
    }

    fn waits_until(self, end: Instant) -> Wait {
        let (clock, worked) = (self, None);
        Wait { clock, end, worked }
    }

    /// How long a wait that begins now may last.
    pub fn left(self, wait: Duration) -> Duration {
        wait.min(self.end.saturating_duration_since(Instant::now()))
    }

    /// The same as a timeout of a socket, which cannot be nothing.
    pub fn timeout(self, wait: Duration) -> Duration {
        self.left(wait).max(Duration::from_millis(1))
    }

    /// Whether the check has to be over.
    pub fn is_over(self) -> bool {
        Instant::now() >= self.end
    }
}

/// A wait for what the program is to do. It goes on while the program could do it, and other
/// programs keep it from the processor: not longer than the check as a whole.
#[derive(Debug)]
pub struct Wait {
    clock: Clock,
    end: Instant,
    /// How much the program had worked when the wait would have been over.
    worked: Option<Duration>,
}

impl Wait {
    /// So much later it looks again whether the program has had its turn.
    const MORE: Duration = Duration::from_millis(100);

    /// So much of a processor the program gets from then on.
    const TURN: Duration = Duration::from_millis(1500);

    /// How long it goes on, at least; nothing: it is over.
    pub fn left(&mut self) -> Duration {
        let left = |end: Instant| end.saturating_duration_since(Instant::now());
        if left(self.end).is_zero()
            && !self.clock.is_over()
            && let Some(worked) = work_of_who_is_kept_waiting()
            && worked.saturating_sub(*self.worked.get_or_insert(worked)) < Self::TURN
        {
            self.end = self.clock.within(Self::MORE);
        }
        left(self.end)
    }

    /// Whether it is over.
    pub fn is_over(&mut self) -> bool {
        self.left().is_zero()
    }
}

/// How much all in the sandbox has worked; none: nothing in it is kept from a processor.
/// Without a sandbox nobody knows what belongs to the program.
fn work_of_who_is_kept_waiting() -> Option<Duration> {
    const LOOKS: usize = 5; // a millisecond apart: it may sleep for a moment, in between
    (0..LOOKS).find_map(|_| {
        std::thread::sleep(Duration::from_millis(1)); // between two looks
        let all = recorder::others()?;
        let waits = all.iter().any(|pid| proc::is_kept_waiting(*pid));
        let times = all.iter().filter_map(|pid| proc::processor_time(*pid));
        waits.then(|| times.map(|(own, childrens)| own + childrens).sum())
    })
}
