//! Six processes that use 300 MiB each: none of them is too large alone.

use std::process::Command;

fn main() {
    let own = std::env::current_exe().expect("a path");
    if std::env::args().nth(2).is_none() {
        for _ in 0..5 {
            Command::new(&own).args(["x", "child"]).spawn().ok();
        }
    }
    // Only what is written to is there.
    let memory = vec![1_u8; 300 << 20];
    std::thread::sleep(std::time::Duration::from_secs(61));
    std::hint::black_box(memory);
}
