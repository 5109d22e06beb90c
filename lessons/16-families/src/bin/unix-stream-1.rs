//! Lesson 16, step 1: a server whose address is a file.
//!
//!     cargo run -p families --bin unix-stream-1        then: nc -U my.sock
//!
//! What it cannot do: start again. Its file stays when it ends. Step 2 mends it.

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixListener;

pub fn main() -> io::Result<()> {
    let path = env::args().nth(1).unwrap_or("my.sock".to_string());
    let listener = UnixListener::bind(&path)?;
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
