//! The two ways to measure.

use std::io;
use std::time::{Duration, Instant};

use crate::clients::{Clients, SOON};

impl Clients {
    /// Closed loop: everybody asks, and asks again as soon as the answer is there.
    pub fn in_turn(&mut self, busy: usize, time: Duration) -> io::Result<()> {
        let start = Instant::now();
        self.asks_again = true;
        (0..busy).for_each(|place| self.ask(place, start));
        while start.elapsed() < time && self.anybody_here() {
            self.turn(time.saturating_sub(start.elapsed()))?;
        }
        Ok(())
    }

    /// Open loop: a question is due at its time, however the server is, and counts from
    /// then. A server that stops for a second makes all questions of that second late.
    pub fn on_time(&mut self, busy: usize, rate: u32, time: Duration) -> io::Result<()> {
        let (start, pace) = (Instant::now(), Duration::from_secs(1) / rate);
        let (mut due, mut place) = (start, 0);
        let end = start + time;
        // Until all are asked, also where the machine had no time for us at the end.
        while due < end && self.anybody_here() {
            while due <= Instant::now() && due < end {
                self.ask(place % busy, due);
                (due, place) = (due + pace, place + 1);
            }
            // epoll counts in milliseconds. For less than two we don't sleep.
            let left = due.saturating_duration_since(Instant::now()).as_millis();
            self.turn(Duration::from_millis(left.saturating_sub(1) as u64))?;
        }
        let end = Instant::now() + SOON; // for the last answers
        while !self.open_questions().is_empty() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            self.turn(left)?;
        }
        // Whoever has no answer yet has waited that long at least. That must not be left
        // out.
        for since in self.open_questions() {
            self.unanswered += 1;
            self.latency
                .saturating_record(since.elapsed().as_micros() as u64);
        }
        Ok(())
    }
}
