//! Kills every process that it may kill.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

fn main() {
    kill(Pid::from_raw(1), Signal::SIGKILL).ok();
    kill(Pid::from_raw(-1), Signal::SIGKILL).ok();
    std::thread::sleep(std::time::Duration::from_secs(61));
}
