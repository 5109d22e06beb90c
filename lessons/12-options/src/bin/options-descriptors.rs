//! Lesson 12: a socket is a descriptor: ask for its number, share it, give it to another
//! type and to another program; and read lines from it as from a file.
//!
//!     cargo run -p options --bin options-descriptors

use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
#[cfg(unix)]
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
#[cfg(unix)]
use std::process::Command;
use std::process::ExitCode;

use options::tcp_pair;
use shared::{Args, Context, exit_on_ctrl_c, explain, println};
#[cfg(unix)]
use socket2::SockRef;

const HELP: &str = "\
Shows Python's fileno, dup, detach, fromfd and makefile, as Rust has them.

usage: options-descriptors

example: cargo run -p options --bin options-descriptors
";

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    args.no_address()?;
    exit_on_ctrl_c()?;
    #[cfg(unix)]
    numbers().context("cannot show the descriptors")?;
    #[cfg(unix)]
    other_program().context("cannot give the socket to another program")?;
    #[cfg(windows)]
    println!("descriptors are Unix only; Windows has AsSocket and OwnedSocket for them");
    files().context("cannot show the files")
}

#[cfg(unix)]
fn numbers() -> io::Result<()> {
    let (stream, mut peer) = tcp_pair()?;
    println!("fileno: {}", number(&stream));

    // A loan: set an option of std's type with socket2's method, and give it back.
    SockRef::from(&stream).set_keepalive(true)?;
    println!("SockRef: keepalive {}", SockRef::from(&stream).keepalive()?);

    // Two descriptors, one socket. It is closed when the last of them is.
    let mut second = stream.try_clone()?;
    println!("dup: {} and {}", number(&stream), number(&second));
    drop(stream);
    second.write_all(b"still here")?;
    let mut buffer = [0; 100];
    let length = peer.read(&mut buffer)?;
    println!(
        "  one is closed, and the peer reads {:?}",
        text(&buffer[..length])
    );

    // Only the number and the duty to close it; then another type. Nothing is called.
    let descriptor: OwnedFd = second.into();
    println!("detach: {}", number(&descriptor));
    let socket = socket2::Socket::from(descriptor);
    println!("from a descriptor: {}", number(&socket));
    drop(socket);
    let length = peer.read(&mut buffer)?;
    println!("  the last is closed, and the peer reads {length} bytes");
    Ok(())
}

/// Takes whatever has a descriptor: a stream, a listener, a file. `as_fd` is a loan that
/// cannot outlive its owner, and `as_raw_fd` the bare number.
#[cfg(unix)]
fn number(owner: &impl AsFd) -> String {
    format!("descriptor {}", owner.as_fd().as_raw_fd())
}

/// The socket becomes the keyboard and the screen of a program that knows of no sockets.
#[cfg(unix)]
fn other_program() -> io::Result<()> {
    let (stream, mut peer) = tcp_pair()?;
    let output = OwnedFd::from(stream.try_clone()?);
    // One statement: at its end the `Command` is dropped, and with it our descriptors.
    // Otherwise we would keep the connection open, and wait for its end for ever.
    let mut tr = Command::new("tr")
        .args(["a-z", "A-Z"])
        .stdin(OwnedFd::from(stream))
        .stdout(output)
        .spawn()?;
    peer.write_all(b"hello")?;
    peer.shutdown(std::net::Shutdown::Write)?;
    let mut answer = String::new();
    peer.read_to_string(&mut answer)?;
    println!("tr a-z A-Z, on the other end: {answer:?}");
    tr.wait()?;
    Ok(())
}

fn files() -> io::Result<()> {
    let (stream, peer) = tcp_pair()?;
    // All three lines go out in one write, at `flush`: two system calls are saved.
    let mut file = BufWriter::new(stream);
    for line in ["one", "two", "three"] {
        writeln!(file, "{line}")?;
    }
    file.flush()?; // drop would do it, too, and report no error

    let mut reader = BufReader::new(&peer);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    println!("makefile: readline {line:?}");
    // It took all that had come, and keeps what you did not ask for yet.
    println!("  the reader holds {:?}", text(reader.buffer()));
    peer.set_nonblocking(true)?;
    let mut socket = &peer;
    match socket.read(&mut [0; 100]) {
        Ok(length) => println!("  recv beside it: {length} bytes"),
        Err(error) => println!("  recv beside it: {}", explain(&error)),
    }
    Ok(())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
