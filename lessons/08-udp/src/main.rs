// ANCHOR: all
//! Lesson 08: a server for datagrams. Each one comes back in upper case.
//!
//!     cargo run -p udp
//!     cargo run -p udp -- 127.0.0.1:9000
//!
//! Talk to it from other terminals:
//!
//!     cargo run -p udp --bin udp-client -- 127.0.0.1:9000
//!     nc -u 127.0.0.1 9000

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, UdpSocket};
use std::process::ExitCode;

use shared::{Args, Context, Error, exit_on_ctrl_c};
use shared::{eprintln, explain, log, println, reachable};
use socket2::{Domain, Protocol, Socket, Type};

const HELP: &str = "\
Sends each datagram back to its sender, with its ASCII letters in upper case.

usage: udp [HOST:PORT]

  HOST:PORT  where to listen (127.0.0.1:9000); port 0 takes any free port

example: cargo run -p udp -- 127.0.0.1:9000
";

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    // There is no connection whose end a client could see, so there is nobody to say
    // goodbye to. On Ctrl+C the kernel closes the socket, and the port is free at once.
    exit_on_ctrl_c()?;
    let address = args.address_or("127.0.0.1:9000")?.first()?;
    let socket = bind(address)
        .context(format!("cannot listen on {address}"))
        .map_err(Error::of_a_udp_port)?;
    let local = socket.local_addr().context("cannot read our own address")?;
    println!("Listening on {local}");
    println!("try: nc -u {} {}", reachable(local).ip(), local.port());
    answer_forever(&socket).context("cannot receive")
}

fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::DGRAM,
        Some(Protocol::UDP),
    )?;
    // No set_reuse_address here. TCP needs it because of TIME_WAIT, and UDP has no such
    // state. On a UDP socket Linux would let a second server bind the same port, and
    // give every datagram to that one, without a word to the first.
    socket.bind(&address.into())?;
    // No listen and no accept: the socket can receive from now on.

    // The same descriptor in std's type. socket2's recv_from fills memory that need not
    // be initialised, and to read that Rust asks for `unsafe`. std's fills plain bytes.
    Ok(socket.into())
}

fn answer_forever(socket: &UdpSocket) -> io::Result<()> {
    // UDP's length field has 16 bits. Nothing longer than this can come, so nothing is
    // ever cut off.
    let mut buffer = vec![0; usize::from(u16::MAX)];
    loop {
        // One call is one datagram, whole, and the address of its sender. 0 bytes is an
        // empty datagram and not an end: there is no end here.
        let (length, sender) = match socket.recv_from(&mut buffer) {
            Ok(received) => received,
            Err(error) if concerns_one_call(&error) => continue,
            Err(error) => return Err(error),
        };
        log!("{sender} sent {length} bytes");
        let datagram = &mut buffer[..length];
        datagram.make_ascii_uppercase();

        // One socket serves all clients, so send_to must say for whom this is. Whoever
        // can forge a sender's address makes us send to a stranger. We answer a byte
        // with a byte; a server that answers with more becomes a weapon (RFC 8085).
        while let Err(error) = socket.send_to(datagram, sender) {
            if error.kind() == ErrorKind::Interrupted {
                continue;
            }
            // One answer is lost, as it can be lost on the way. The client asks again.
            eprintln!("cannot answer {sender}: {}", explain(&error));
            break;
        }
    }
}

/// A signal interrupted the wait; or the network reports that an earlier answer of ours
/// found nobody (ICMP; Linux reports that to connected sockets only, Windows to all); or
/// the kernel has no memory for a moment (recv(2)). The next datagram may fare better.
fn concerns_one_call(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Interrupted
            | ErrorKind::ConnectionRefused
            | ErrorKind::ConnectionReset
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::OutOfMemory
    )
}
