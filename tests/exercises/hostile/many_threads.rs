//! More threads than are good for anybody, in two processes.

use std::process::Command;
use std::thread;
use std::time::Duration;

fn main() {
    let own = std::env::current_exe().expect("a path");
    if std::env::args().nth(2).is_none() {
        Command::new(own).args(["x", "child"]).spawn().ok();
    }
    for _ in 0..700 {
        let thread = thread::Builder::new().stack_size(64 << 10);
        thread.spawn(|| thread::sleep(Duration::from_secs(61))).ok();
    }
    thread::sleep(Duration::from_secs(61));
}
