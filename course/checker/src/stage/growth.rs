//! Limits that no task sets.

use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use super::Stage;
use crate::failure::Failure;

/// So many find also who takes 16 MiB for enough.
pub const MOST: usize = 17_000_000;

impl Stage {
    /// Plays with so many bytes, then with more and more, up to the most: so a limit shows that somebody
    /// took for enough. A program that takes its time with some, as who receives byte by byte
    /// does, is spared the many.
    ///
    /// # Errors
    /// Those of the play.
    pub fn grows(
        &mut self,
        sizes: RangeInclusive<usize>,
        mut play: impl FnMut(&mut Self, usize) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        const QUICK: Duration = Duration::from_millis(250);
        let (mut size, most) = sizes.into_inner();
        loop {
            let start = Instant::now();
            play(self, size)?;
            if size >= most || start.elapsed() > QUICK {
                return Ok(());
            }
            size = most.min(4 * size);
        }
    }
}
