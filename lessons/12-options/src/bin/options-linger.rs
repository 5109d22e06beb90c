//! Lesson 12: what close does with bytes that are not delivered yet, and for how long.
//!
//!     cargo run -p options --bin options-linger

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use options::tcp_pair;
use shared::{Args, Context, exit_on_ctrl_c, explain, println};
use socket2::SockRef;

const HELP: &str = "\
Closes a connection with bytes under way, with several values of SO_LINGER.

usage: options-linger

example: cargo run -p options --bin options-linger
";

const BYTES: usize = 300_000;
const SECOND: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    args.no_address()?;
    exit_on_ctrl_c()?;
    println!("{BYTES} bytes are sent, and the connection is closed");
    for (linger, reads_after) in [
        (None, 200),
        (Some(Duration::ZERO), 200),
        (Some(SECOND), 200),
        (Some(SECOND), 1200),
    ] {
        let pause = Duration::from_millis(reads_after);
        println!("SO_LINGER {linger:?}; the peer reads after {reads_after} ms");
        let (close, peer) = send_and_close(linger, pause).context("cannot show it")?;
        println!("  close returns after {} ms", close.as_millis());
        println!("  the peer {peer}");
    }
    Ok(())
}

/// How long close took, and what the peer saw.
fn send_and_close(
    linger: Option<Duration>,
    pause: Duration,
) -> io::Result<(Duration, String)> {
    let (mut sender, mut peer) = tcp_pair()?;
    SockRef::from(&sender).set_linger(linger)?;
    let reader = thread::Builder::new().spawn(move || {
        thread::sleep(pause);
        read_to_end(&mut peer)
    })?;
    // It returns when the kernel has the bytes. The peer has read none of them.
    sender.write_all(&vec![b'x'; BYTES])?;
    let start = Instant::now();
    drop(sender); // close(2). If it fails, nobody hears of it: drop returns nothing.
    let took = start.elapsed();
    Ok((took, reader.join().expect("the reader does not panic")))
}

fn read_to_end(peer: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    match peer.read_to_end(&mut bytes) {
        Ok(length) => format!("reads {length} bytes, and then the end"),
        Err(error) => {
            format!("reads {} bytes, and then: {}", bytes.len(), explain(&error))
        }
    }
}
