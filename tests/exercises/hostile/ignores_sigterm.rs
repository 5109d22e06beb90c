//! Ignores the signals that ask it to end.

use nix::sys::signal::{SigSet, Signal};

fn main() {
    let mut signals = SigSet::empty();
    signals.add(Signal::SIGTERM);
    signals.add(Signal::SIGINT);
    signals.thread_block().expect("blocked");
    std::thread::sleep(std::time::Duration::from_secs(61));
}
