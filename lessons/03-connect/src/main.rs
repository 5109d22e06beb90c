// ANCHOR: all
//! Lesson 03: connect to an address, and look at both ends of the connection.
//!
//!     cargo run -p connect
//!     cargo run -p connect -- example.com:80
//!     cargo run -p connect -- localhost:22 --timeout 2

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use shared::{Args, Context, display_addr, exit_on_ctrl_c, explain, practice, println};
use socket2::{Domain, Protocol, Socket, Type};

const HELP: &str = "\
Connects a TCP socket, and prints the addresses of both ends.

usage: connect [HOST:PORT] [--timeout SECONDS]

  HOST:PORT          a name, an IPv4 address or an [IPv6] address, and a port;
                     without it, a practice server inside this program
  --timeout SECONDS  how long to wait for each address (5)

example: cargo run -p connect -- example.com:80
";

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    exit_on_ctrl_c()?;
    let timeout = args.seconds("timeout", 5.0)?;
    let address = args.address_or_practice(practice::accept_only)?;

    // A name can stand for several addresses, as lesson 02 has shown.
    let candidates = address
        .resolve()
        .context(format!("cannot resolve {}", address.host))?;
    let socket = connect_to_any(&candidates, timeout)
        .context(format!("cannot connect to {address}"))?;

    // getsockname(2) and getpeername(2): the connection is this pair of addresses.
    let own = socket
        .local_addr()
        .context("cannot read the socket's own address")?;
    let peer = socket
        .peer_addr()
        .context("cannot read the peer's address")?;
    println!("own address:  {}", display_addr(&own));
    println!("peer address: {}", display_addr(&peer));
    Ok(())
    // Here `socket` goes out of scope: the descriptor is closed, the peer sees the end.
}

/// Tries one address after the other. The first that answers wins; when none does, the
/// error of the last one is the result.
fn connect_to_any(candidates: &[SocketAddr], timeout: Duration) -> io::Result<Socket> {
    let mut last = io::Error::other("there is no address to try");
    for &candidate in candidates {
        let start = Instant::now();
        match connect(candidate, timeout) {
            Ok(socket) => {
                println!(
                    "trying {candidate} ... connected in {:.1?}",
                    start.elapsed()
                );
                return Ok(socket);
            }
            // The error is a value like any other: look at it, keep it, go on.
            Err(error) => {
                println!("trying {candidate} ... {}", explain(&error));
                last = error;
            }
        }
    }
    Err(last)
}

fn connect(address: SocketAddr, timeout: Duration) -> io::Result<Socket> {
    // A failed connect leaves a socket in a state that POSIX does not define:
    // every attempt gets a new one.
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;

    // Plain `connect` waits as long as the kernel likes: when nothing answers, Linux
    // repeats the first packet of the handshake for over two minutes (tcp(7)).
    socket.connect_timeout(&address.into(), timeout)?;

    // The kernel chose our port from the same range that we may be knocking at. On this
    // machine both can fall together, and TCP then connects the socket to itself.
    if socket.local_addr()?.as_socket() == Some(address) {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    Ok(socket)
}
