//! Prints a GiB.

use std::io::Write;

fn main() {
    let chunk = vec![b'x'; 1 << 20];
    for _ in 0..1024 {
        if std::io::stdout().write_all(&chunk).is_err() {
            return;
        }
    }
}
