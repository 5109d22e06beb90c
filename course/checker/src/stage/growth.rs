//! Limits that no task sets.

use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use super::Stage;
use crate::failure::Failure;
use crate::proc;
use crate::program::Program;

/// So many find also who takes 4 MiB for enough. More would cost every right program a second.
pub const MOST: usize = 4_480_000;

/// Who has worked for longer takes its time, as who receives byte by byte does.
const QUICK: Duration = Duration::from_millis(100);

impl Stage {
    /// Plays with so many bytes, then with many more, up to the most: so a limit shows that
    /// somebody took for enough. A program that takes its time with some is spared the many.
    ///
    /// # Errors
    /// Those of the play.
    pub fn grows(
        &mut self,
        sizes: RangeInclusive<usize>,
        mut play: impl FnMut(&mut Self, usize) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let (mut size, most) = sizes.into_inner();
        loop {
            let before = self.work();
            play(self, size)?;
            if size >= most || self.work().since(before) > QUICK {
                return Ok(());
            }
            size = most.min(16 * size);
        }
    }

    /// What the program, and those that ran before it, have worked until now.
    pub fn work(&self) -> Work {
        let ended = proc::processor_time(std::process::id());
        let running = self.program.as_ref().map(Program::pid);
        let running = running.and_then(proc::processor_time);
        let running = running.map_or(Duration::ZERO, |(own, _)| own);
        Work {
            processor: ended.map(|(_, childrens)| childrens + running),
            at: Instant::now(),
        }
    }
}

/// Processor time, which is the same on a busy machine; where the system does not tell it, the
/// clock's.
#[derive(Debug, Clone, Copy)]
pub struct Work {
    processor: Option<Duration>,
    at: Instant,
}

impl Work {
    /// How much came between the two.
    pub fn since(self, before: Self) -> Duration {
        match (self.processor, before.processor) {
            (Some(now), Some(before)) => now.saturating_sub(before),
            _ => self.at - before.at,
        }
    }
}
