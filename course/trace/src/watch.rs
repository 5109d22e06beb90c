//! A run as text lines while it happens: those of the twin, in colours on a terminal.
//!
//! What is recorded until now is put together again and again, and what is new in it is
//! printed, a moment later than it happened: until then its place in the order is certain.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use shared::{Error, Result};

use crate::colours::show;
use crate::draw::Picture;
use crate::event::{Event, What};
use crate::network::now;
use crate::runs::Cut;
use crate::stage::Kept;
use crate::{record, twin};

/// So much later a line is printed, in microseconds.
const LATER: u64 = 150_000;

/// Between two looks.
const LOOK: Duration = Duration::from_millis(50);

/// Prints what a stage records, until it ends.
pub struct Watch {
    ending: Arc<AtomicBool>,
    thread: JoinHandle<Result<()>>,
}

impl Watch {
    /// Watches with the eyes of a picture: what it hides is not printed.
    pub fn start(picture: Picture, kept: Kept) -> Self {
        let ending = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&ending);
        let thread = thread::spawn(move || {
            let mut printed = HashSet::new();
            loop {
                let last = over.load(SeqCst);
                print_new(&picture, &kept, &mut printed, last)?;
                if last {
                    return Ok(());
                }
                thread::sleep(LOOK);
            }
        });
        Self { ending, thread }
    }

    /// Prints what is left.
    ///
    /// # Errors
    /// When what was recorded cannot be read.
    pub fn end(self) -> Result<()> {
        self.ending.store(true, SeqCst);
        let ended = self.thread.join();
        ended.map_err(|_| Error::new("the watch broke off"))?
    }
}

fn print_new(
    picture: &Picture,
    kept: &Kept,
    printed: &mut HashSet<String>,
    last: bool,
) -> Result<()> {
    const ALL: Cut = [None, None];
    let recording = kept.recording()?;
    let Some(start) = recording.notes.first().map(|note| note.at) else {
        return Ok(());
    };
    let until = match last {
        true => u64::MAX,
        false => now().saturating_sub(start + LATER),
    };
    let mut events = record::events(&recording, &ALL);
    // Each line once, and from the first start on.
    events.retain(|event| event.what != What::Begins);
    let mut picture = picture.clone();
    picture.lifelines = names(&events);
    for line in twin::lines(&picture, &events) {
        if line.event.at <= until && printed.insert(line.text.clone()) {
            show(line.event, &line.text);
        }
    }
    Ok(())
}

/// All programs and ports.
fn names(events: &[Event]) -> Vec<String> {
    let mut names: Vec<_> = events.iter().filter_map(Event::program).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(str::to_string).collect()
}
