//! Lesson 16, step 4: the server says who may connect, and sees who it is.
//!
//!     cargo run -p families --bin unix-stream-4        then: nc -U my.sock
//!
//! What it cannot do: serve two clients at once, bear a client's error (lessons 06, 07),
//! or tidy up on Ctrl+C. The lesson's program can.

use std::env;
use std::fs;
use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::{UnixListener, UnixStream};

use nix::sys::stat::{Mode, umask};

pub fn main() -> io::Result<()> {
    let path = env::args().nth(1).unwrap_or("my.sock".to_string());
    let before = umask(Mode::from_bits_truncate(0o177)); // new files: rw-------
    let listener = listen(&path)?;
    umask(before);
    println!("Listening on {path}");

    loop {
        let (mut client, _) = listener.accept()?;
        println!("{} has come", who(&client)?);
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

/// Who has connected, as the kernel noted it then. No client can lie about it.
#[cfg(target_os = "linux")]
fn who(client: &UnixStream) -> io::Result<String> {
    use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
    let other = getsockopt(client, PeerCredentials)?;
    Ok(format!("user {}, process {}", other.uid(), other.pid()))
}
#[cfg(not(target_os = "linux"))]
fn who(_client: &UnixStream) -> io::Result<String> {
    Ok("somebody (the call is getpeereid here)".to_string())
}
