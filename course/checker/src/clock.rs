//! The time that a check has as a whole.

use std::time::{Duration, Instant};

use crate::{ANSWER, LONGEST, START, WHOLE, proc};

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

    /// The end of a wait for the first sign of a program that was started then.
    pub fn for_the_first_sign(self, started: Instant) -> Instant {
        self.end.min((Instant::now() + ANSWER).max(started + START))
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
