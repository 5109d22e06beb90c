//! Its children leave children behind, which end: process 1 has to ask for their exit
//! codes, or the kernel's list of processes is full of them.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

fn main() {
    for _ in 0..15 {
        let ten = "for n in 0 1 2 3 4 5 6 7 8 9; do (exit 0) & done";
        Command::new("/bin/sh")
            .args(["-c", ten])
            .status()
            .expect("a child");
    }
    let end = Instant::now() + Duration::from_secs(3);
    while zombies() > 0 && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(1)); // between two looks
    }
    println!("150 orphans, {} are left", zombies());
    std::thread::sleep(Duration::from_secs(61));
}

/// How many processes have ended, and nobody has asked how.
fn zombies() -> usize {
    let entries = fs::read_dir("/proc").expect("/proc").flatten();
    let stats = entries.map(|entry| fs::read_to_string(entry.path().join("stat")));
    stats.flatten().filter(|stat| stat.contains(") Z ")).count()
}
