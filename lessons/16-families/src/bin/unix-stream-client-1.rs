//! Lesson 16, step 1: the other side, a client whose server is a file.
//!
//!     cargo run -p families --bin unix-stream-client-1     (start unix-stream-1 first)
//!
//! What it cannot do: wait for an answer no longer than it wants to; say what is wrong.

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;

pub fn main() -> io::Result<()> {
    let path = env::args().nth(1).unwrap_or("my.sock".to_string());
    let mut server = UnixStream::connect(path)?;
    let mut answers = BufReader::new(server.try_clone()?).lines();
    for line in io::stdin().lines() {
        let question = format!("{}\n", line?);
        server.write_all(question.as_bytes())?;
        match answers.next() {
            Some(answer) => println!("{}", answer?),
            None => break, // the server has closed
        }
    }
    Ok(())
}
