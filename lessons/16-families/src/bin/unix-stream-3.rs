//! Lesson 16, step 3: a file is removed only where nobody listens.
//!
//!     cargo run -p families --bin unix-stream-3        then: nc -U my.sock
//!
//! What it cannot do: decide who may connect. That depends on the shell that it was
//! started from. Step 4 mends it.

use std::env;
use std::fs;
use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::{UnixListener, UnixStream};

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
    match UnixListener::bind(path) {
        Err(error) if error.kind() == ErrorKind::AddrInUse && is_stale(path)? => {
            fs::remove_file(path)?;
            UnixListener::bind(path)
        }
        result => result,
    }
}

/// Whether a socket's file stands there, and nobody listens.
fn is_stale(path: &str) -> io::Result<bool> {
    if !fs::symlink_metadata(path)?.file_type().is_socket() {
        return Ok(false); // somebody's document
    }
    match UnixStream::connect(path) {
        Err(error) => Ok(error.kind() == ErrorKind::ConnectionRefused),
        Ok(_) => Ok(false), // a server lives here; it sees a client that leaves at once
    }
}
