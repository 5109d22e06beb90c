//! Who runs the requests: the loop itself, or a thread for each.

use std::io;
use std::thread;

/// A request on its way to the thread that runs it.
pub type Job = Box<dyn FnOnce() + Send>;

/// Who runs the requests: what `ThreadingMixIn` changes in Python.
pub trait Run: Send + Sync + 'static {
    /// How many requests there may be at a time, running or waiting.
    fn room(&self) -> usize;

    /// Runs a job, or finds a thread that will. On an error the job is dropped, and with
    /// it the connection.
    fn run(&self, name: &str, job: Job) -> io::Result<()>;
}

/// The loop runs each request itself, and goes on afterwards.
#[derive(Default)]
pub struct OneByOne;

impl Run for OneByOne {
    fn room(&self) -> usize {
        1
    }

    fn run(&self, _name: &str, job: Job) -> io::Result<()> {
        job();
        Ok(())
    }
}

/// A thread for each request, so many at most.
pub struct Threads(pub usize);

impl Default for Threads {
    fn default() -> Self {
        Self(1000)
    }
}

impl Run for Threads {
    fn room(&self) -> usize {
        self.0
    }

    fn run(&self, name: &str, job: Job) -> io::Result<()> {
        let thread = thread::Builder::new().name(name.to_string());
        thread.spawn(job).map(drop)
    }
}
