//! Lesson 16, step 2: what an earlier server left is removed.
//!
//!     cargo run -p families --bin unix-stream-2        then: nc -U my.sock
//!
//! What it cannot do: see whether that server is still there. It takes its name away.
//! Step 3 asks first.

use std::env;
use std::fs;
use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::os::unix::net::UnixListener;

pub fn main() -> io::Result<()> {
    let path = env::args().nth(1).unwrap_or("my.sock".to_string());
    let listener = listen(&path)?;
    println!("Listening on {path}");

    loop {
        let (mut client, _) = listener.accept()?;
        let lines = BufReader::new(client.try_clone()?).lines();
        for line in lines {
            let answer = format!("OK... {}\n", line?);
            client.write_all(answer.as_bytes())?;
        }
    }
}

fn listen(path: &str) -> io::Result<UnixListener> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => UnixListener::bind(path),
    }
}
