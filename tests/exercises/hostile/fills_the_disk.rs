//! Writes files until it cannot.

use std::io::Write;

fn main() {
    let chunk = vec![b'x'; 1 << 20];
    let mut written = 0;
    'files: for number in 0..10 {
        let Ok(mut file) = std::fs::File::create(format!("big{number}")) else {
            break;
        };
        for _ in 0..60 {
            if file.write_all(&chunk).is_err() {
                break 'files;
            }
            written += 1;
        }
    }
    println!("wrote {written} MiB");
    std::thread::sleep(std::time::Duration::from_secs(61));
}
