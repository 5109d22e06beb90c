//! Lesson 12: which connections notice that their peer has vanished, and when.
//!
//!     cargo build -p options
//!     sh lessons/12-options/peers/pull_the_cable.sh target/debug/options-keepalive

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use options::tcp_pair;
use shared::{Args, Context, exit_on_ctrl_c, explain, println};
use socket2::{SockRef, TcpKeepalive};

const HELP: &str = "\
Waits six seconds for peers that say nothing, and tells whose connection is lost. None is,
unless somebody takes the network away: lessons/12-options/peers/pull_the_cable.sh.

usage: options-keepalive

example: cargo run -p options --bin options-keepalive
";

const SECOND: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(6);

/// What a connection is told before the wait.
type Prepare = fn(&TcpStream) -> io::Result<()>;

/// A busy connection sends something each half second. A silent one only listens.
const CONNECTIONS: &[(&str, Prepare, bool)] = &[
    ("silent", nothing, false),
    ("silent, SO_KEEPALIVE", keepalive, false),
    ("busy, SO_KEEPALIVE", keepalive, true),
    #[cfg(target_os = "linux")]
    ("busy, TCP_USER_TIMEOUT", user_timeout, true),
];

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    args.no_address()?;
    exit_on_ctrl_c()?;
    println!("connected; the peers say nothing");
    let mut waiting = Vec::new();
    for &(name, prepare, busy) in CONNECTIONS {
        let started = thread::Builder::new().spawn(move || wait(prepare, busy));
        waiting.push((name, started.context("cannot start a thread")?));
    }
    for (name, thread) in waiting {
        let result = thread.join().expect("no thread panics");
        let lost = result.context("cannot make a connection")?;
        println!("  {name:22}  {lost}");
    }
    Ok(())
}

/// Says when and how the connection was lost.
fn wait(prepare: Prepare, busy: bool) -> io::Result<String> {
    let (client, _server) = tcp_pair()?;
    prepare(&client)?;
    client.set_read_timeout(Some(SECOND / 2))?;
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if let Err(error) = ask(&client, busy) {
            let time = start.elapsed().as_millis();
            return Ok(format!("after {time} ms: {}", explain(&error)));
        }
    }
    let time = start.elapsed().as_millis();
    Ok(format!("after {time} ms: no error"))
}

/// Sends, if it is busy, and waits half a second for an answer.
fn ask(mut client: &TcpStream, busy: bool) -> io::Result<()> {
    if busy {
        client.write_all(b"Are you there?\n")?;
    }
    match client.read(&mut [0; 100]) {
        Ok(0) => Err(ErrorKind::UnexpectedEof.into()), // the peer has closed
        Ok(_) => Ok(()),
        Err(error) => match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::Interrupted => Ok(()),
            // Windows says that of its own timeout, too.
            ErrorKind::TimedOut if cfg!(windows) => Ok(()),
            _ => Err(error),
        },
    }
}

fn nothing(_: &TcpStream) -> io::Result<()> {
    Ok(())
}

fn keepalive(client: &TcpStream) -> io::Result<()> {
    let keepalive = TcpKeepalive::new()
        .with_time(SECOND * 2)
        .with_interval(SECOND)
        .with_retries(2);
    SockRef::from(client).set_tcp_keepalive(&keepalive)
}

#[cfg(target_os = "linux")]
fn user_timeout(client: &TcpStream) -> io::Result<()> {
    SockRef::from(client).set_tcp_user_timeout(Some(SECOND * 2))
}
