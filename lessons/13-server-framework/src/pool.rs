//! Who runs the requests: a few threads for all.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::run::{Job, Run};

/// A fixed number of threads, the workers. Further requests wait in a queue.
pub struct Pool {
    queue: SyncSender<Job>,
    room: usize,
}

impl Pool {
    /// Starts so many workers (0 would serve nobody); so many requests may wait for them.
    pub fn new(workers: usize, queue: usize) -> io::Result<Self> {
        let room = workers + queue;
        let (queue, jobs) = sync_channel::<Job>(queue);
        let jobs = Arc::new(Mutex::new(jobs));
        for number in 1..=workers {
            let jobs = Arc::clone(&jobs);
            let thread = thread::Builder::new().name(format!("worker {number}"));
            let thread = thread.spawn(move || work(&jobs));
            thread.map_err(|_| io::Error::other("the system has no thread left"))?;
        }
        Ok(Self { queue, room })
    }
}

fn work(jobs: &Mutex<Receiver<Job>>) {
    loop {
        let job = jobs.lock().expect("no panic under it").recv();
        // The lock was given back at the end of that line.
        match job {
            Ok(job) => job(),
            Err(_) => return, // the server is gone
        }
    }
}

impl Run for Pool {
    fn room(&self) -> usize {
        self.room
    }

    fn run(&self, _name: &str, job: Job) -> io::Result<()> {
        let sent = self.queue.send(job);
        sent.map_err(|_| io::Error::other("no worker is left"))
    }
}
