//! How many are in the sandbox, and how much memory they use.
//!
//! Limits on a process (getrlimit(2)) hold for each one alone, and that on the number of
//! processes not for root. So all of them are counted, again and again. Memory is what
//! they have touched; what they share counts for each.

use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;

use super::{OVERGROWN, PROCESSES, THREADS};
use crate::proc::{self, Status};
use crate::spawn;

/// What is in a sandbox, the checker itself left out.
#[derive(Debug, Default)]
struct Crowd {
    processes: usize,
    threads: usize,
    /// In bytes.
    memory: u64,
    /// Children of the checker that have ended.
    zombies: Vec<u32>,
}

/// Looks at the crowd for ever. When it is too large, all of it is killed, and
/// [`super::overgrown`] says why.
pub fn keep_watch(memory: u64) {
    loop {
        let crowd = look();
        reap(&crowd.zombies);
        if let Some(why) = crowd.too_large(memory) {
            OVERGROWN.set(why).ok(); // the first reason stays
            // From process 1 this reaches all others of the sandbox, and nobody else.
            kill(Pid::from_raw(-1), Signal::SIGKILL).ok();
        }
        std::thread::sleep(Duration::from_millis(20)); // between two looks
    }
}

impl Crowd {
    fn too_large(&self, memory: u64) -> Option<String> {
        if self.processes + 1 > PROCESSES {
            return Some(format!("it started more than {PROCESSES} processes"));
        }
        if self.threads > THREADS {
            return Some(format!("it started more than {THREADS} threads"));
        }
        let most = memory >> 20;
        (self.memory > memory).then(|| format!("it used more than {most} MiB of memory"))
    }

    /// Adds a process. What has ended uses nothing.
    fn add(&mut self, pid: u32, status: &Status) {
        if !status.has_ended() {
            self.processes += 1;
            self.threads += status.threads;
            self.memory += status.memory;
        } else if status.parent == std::process::id() {
            self.zombies.push(pid);
        }
    }
}

fn look() -> Crowd {
    let mut crowd = Crowd::default();
    for pid in proc::processes() {
        // One that has ended meanwhile has no status.
        if pid != std::process::id()
            && let Some(status) = proc::status(pid)
        {
            crowd.add(pid, &status);
        }
    }
    crowd
}

/// Takes orphans off the kernel's list: process 1 has inherited them. Of those that the
/// judge has started it still wants to know how they ended.
fn reap(zombies: &[u32]) {
    let own = spawn::started();
    for pid in zombies.iter().filter(|pid| !own.contains(pid)) {
        waitpid(Pid::from_raw(pid.cast_signed()), Some(WaitPidFlag::WNOHANG)).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(state: char, parent: u32, threads: usize, kib: u64) -> Status {
        Status {
            state,
            parent,
            threads,
            traced: false,
            memory: kib << 10,
            asked_for: 0,
        }
    }

    #[test]
    fn threads_and_memory_are_those_of_all_processes_together() {
        let mut crowd = Crowd::default();
        for pid in 2..5 {
            crowd.add(pid, &status('S', 1, 300, 200 << 10));
        }
        assert_eq!((crowd.processes, crowd.threads), (3, 900));
        assert_eq!(crowd.too_large(600 << 20), None);
        let why = crowd.too_large((600 << 20) - 1);
        assert_eq!(why.as_deref(), Some("it used more than 599 MiB of memory"));
        crowd.add(5, &status('S', 1, 101, 0));
        let why = crowd.too_large(600 << 20);
        assert_eq!(why.as_deref(), Some("it started more than 1000 threads"));
    }

    #[test]
    fn what_has_ended_is_no_crowd_and_is_reaped_by_its_parent_alone() {
        let mut crowd = Crowd::default();
        for pid in 2..500 {
            crowd.add(pid, &status('Z', 1, 1, 0));
        }
        crowd.add(500, &status('Z', std::process::id(), 1, 0));
        assert_eq!((crowd.processes, crowd.zombies.len()), (0, 1));
        assert_eq!(crowd.too_large(1), None);
    }
}
