//! What a program prints, kept while it runs.

use std::io::Read;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use super::OUTPUT;

/// What comes out of a pipe, recorded by a thread up to [`OUTPUT`] bytes.
#[derive(Debug, Clone, Default)]
pub struct Tape(Arc<(Mutex<Recorded>, Condvar)>);

#[derive(Debug, Default)]
struct Recorded {
    bytes: Vec<u8>,
    /// When how many bytes were there.
    times: Vec<(Instant, usize)>,
    over: bool,
}

impl Tape {
    /// Records what comes out of the pipe, from now on.
    pub fn record(&self, pipe: Option<impl Read + Send + 'static>) {
        let tape = self.clone();
        let Some(mut pipe) = pipe else { return };
        thread::spawn(move || {
            let mut chunk = [0; 16 * 1024];
            loop {
                let count = pipe.read(&mut chunk).unwrap_or(0);
                let mut recorded = tape.lock();
                // What is beyond the limit is read, so that the program does not wait.
                let room = OUTPUT.saturating_sub(recorded.bytes.len());
                recorded.bytes.extend(&chunk[..count.min(room)]);
                if room > 0 {
                    let now = (Instant::now(), recorded.bytes.len());
                    recorded.times.push(now);
                }
                recorded.over = count == 0;
                tape.0.1.notify_all();
                if count == 0 {
                    return;
                }
            }
        });
    }

    fn lock(&self) -> MutexGuard<'_, Recorded> {
        self.0
            .0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// What there is, and whether no more will come.
    pub fn all(&self) -> (Vec<u8>, bool) {
        let recorded = self.lock();
        (recorded.bytes.clone(), recorded.over)
    }

    /// What there was at that time.
    pub fn until(&self, when: Instant) -> Vec<u8> {
        let recorded = self.lock();
        let earlier = recorded.times.iter().rfind(|(time, _)| *time <= when);
        let count = earlier.map_or(0, |(_, count)| *count);
        recorded.bytes[..count].to_vec()
    }

    /// Waits until there are more bytes than `known`, or no more can come.
    pub fn changes(&self, known: usize, deadline: Duration) {
        let recorded = self.lock();
        let unchanged = |now: &mut Recorded| now.bytes.len() == known && !now.over;
        drop(self.0.1.wait_timeout_while(recorded, deadline, unchanged));
    }

    /// Waits until no more can come.
    pub fn wait_for_end(&self, deadline: Duration) {
        let recorded = self.lock();
        drop(
            self.0
                .1
                .wait_timeout_while(recorded, deadline, |now| !now.over),
        );
    }
}
