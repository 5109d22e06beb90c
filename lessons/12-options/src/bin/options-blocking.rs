//! Lesson 12: how long a call waits. Python's settimeout and gettimeout, in Rust.
//!
//!     cargo run -p options --bin options-blocking

use std::io::{self, ErrorKind, Read, Write};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use options::tcp_pair;
use shared::{Args, Context, exit_on_ctrl_c, explain, println};
use socket2::{SockRef, Socket};

const HELP: &str = "\
Waits for a peer that speaks after half a second, with several timeouts.

usage: options-blocking

example: cargo run -p options --bin options-blocking
";

/// In milliseconds, as Python's settimeout takes seconds. None: wait for ever.
const TIMEOUTS: [Option<u64>; 4] = [None, Some(0), Some(200), Some(3)];

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    args.no_address()?;
    exit_on_ctrl_c()?;
    println!("a peer says hello after 500 ms");
    for milliseconds in TIMEOUTS {
        let timeout = milliseconds.map(Duration::from_millis);
        wait(timeout).context(format!("cannot wait with {timeout:?}"))?;
    }
    println!("a second handle to the same socket");
    shared_by_clones().context("cannot show it")
}

fn wait(timeout: Option<Duration>) -> io::Result<()> {
    let (own, mut peer) = tcp_pair()?;
    let mut own = Socket::from(own);
    settimeout(&own, timeout)?;
    let now = gettimeout(&own)?;
    println!("settimeout({timeout:?}), gettimeout() is {now:?}");

    thread::Builder::new().spawn(move || {
        thread::sleep(Duration::from_millis(500));
        peer.write_all(b"hello")
    })?;
    let start = Instant::now();
    let got = match read(&mut own) {
        Ok(text) => format!("{text:?}"),
        Err(error) => explain(&error).to_string(),
    };
    println!("  recv after {} ms: {got}", start.elapsed().as_millis());
    Ok(())
}

fn read(own: &mut Socket) -> io::Result<String> {
    let mut buffer = [0; 100];
    loop {
        match own.read(&mut buffer) {
            Ok(length) => return Ok(String::from_utf8_lossy(&buffer[..length]).into()),
            // A signal came first. A socket with a timeout is not resumed by the kernel.
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// As in Python: None waits for ever, zero never waits, anything else waits so long.
fn settimeout(socket: &Socket, timeout: Option<Duration>) -> io::Result<()> {
    if timeout == Some(Duration::ZERO) {
        // To SO_RCVTIMEO a zero means "no timeout". So this is a different switch:
        // O_NONBLOCK, a flag of the open socket, set with fcntl(2).
        return socket.set_nonblocking(true);
    }
    socket.set_nonblocking(false)?;
    socket.set_read_timeout(timeout)?;
    socket.set_write_timeout(timeout)
}

fn gettimeout(socket: &Socket) -> io::Result<Option<Duration>> {
    #[cfg(unix)] // Windows can set it, and has no call to ask
    if socket.nonblocking()? {
        return Ok(Some(Duration::ZERO));
    }
    socket.read_timeout()
}

fn shared_by_clones() -> io::Result<()> {
    let (first, _peer) = tcp_pair()?;
    let second = first.try_clone()?;
    first.set_nonblocking(true)?;
    first.set_nodelay(true)?;
    let second = SockRef::from(&second);
    let timeout = gettimeout(&second)?;
    let nodelay = second.tcp_nodelay()?;
    println!("  set on one: the other has gettimeout() {timeout:?}, nodelay {nodelay}");
    Ok(())
}
