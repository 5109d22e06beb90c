// ANCHOR: all
//! Lesson 16: ping, an ICMP echo by hand.
//!
//!     cargo run -p families --bin ping                    (this machine)
//!     cargo run -p families --bin ping -- example.com

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::process::{self, ExitCode};
use std::time::{Duration, Instant, UNIX_EPOCH};
use std::{num::NonZeroU16, thread};

use shared::{Address, Args, Context, exit_on_ctrl_c};
use shared::{explain, println};
use socket2::{Domain, Protocol, Socket, Type};

#[path = "ping/icmp.rs"]
mod icmp; // the bytes of the messages
use icmp::{EchoReply, parse, request};

const HELP: &str = "\
Asks a host for an ICMP echo, and prints how long each answer took.

usage: ping [HOST] [--count N] [--interval SECONDS] [--timeout SECONDS] [--ttl N] [--raw]

  HOST   a name, an IPv4 or an IPv6 address (127.0.0.1); there is no port
  --count, --interval, --timeout  requests (4), seconds between them (1), to wait (1)
  --ttl  how many hosts may hand the request on, the last one included (64)
  --raw  take a raw socket, also where an ICMP datagram socket is allowed

example: cargo run -p families --bin ping -- ::1 --count 2
";

const RIGHTS: &str = "root can allow it to groups: sysctl net.ipv4.ping_group_range='0 \
    2147483647', or to this program: setcap cap_net_raw+ep target/debug/ping";

fn main() -> ExitCode {
    shared::run(HELP, run)
}

// ANCHOR: run
fn run(args: Args) -> shared::Result<()> {
    exit_on_ctrl_c()?;
    let count = args.value("count")?.map_or(4, NonZeroU16::get);
    let interval = args.seconds("interval", 1.0)?;
    let timeout = args.seconds("timeout", 1.0)?;
    let ttl = args.value("ttl")?.unwrap_or(64);
    let host = args
        .positional()
        .unwrap_or("127.0.0.1")
        .trim_matches(['[', ']']);
    let target = Address {
        host: host.to_string(),
        port: 0,
    }
    .first()?;
    let (socket, kind) = open(target, args.flag("raw"))?;
    icmp::set_options(&socket, kind, target, ttl)
        .context(format!("cannot use --ttl {ttl}"))?;
    println!("PING {host}, with a socket of type {kind:?}");
    let data = UNIX_EPOCH
        .elapsed()
        .unwrap_or_default()
        .as_nanos()
        .to_be_bytes();
    let (socket, raw) = (socket.into(), kind == Type::RAW || icmp::AS_RAW);
    let ping = Ping {
        socket,
        raw,
        target,
        timeout,
        data,
    };
    let (mut answered, mut last) = (0, Ok(()));
    for number in 1..=count {
        let start = Instant::now();
        match ping.ask(number) {
            Ok(()) => answered += 1,
            Err(error) => {
                println!("number {number}: {}", explain(&error));
                last = Err(error);
            }
        }
        if number < count {
            thread::sleep(interval.saturating_sub(start.elapsed()));
        }
    }
    println!("{count} sent, {answered} answered");
    let last = last.context(format!("{host} has not answered"));
    if answered == 0 { last } else { Ok(()) }
}
// ANCHOR_END: run

// ANCHOR: open
/// Two kinds of socket can send a ping. First the one that needs the smaller right.
fn open(target: SocketAddr, only_raw: bool) -> shared::Result<(Socket, Type)> {
    let (domain, protocol) = match target {
        SocketAddr::V4(_) => (Domain::IPV4, Protocol::ICMPV4),
        SocketAddr::V6(_) => (Domain::IPV6, Protocol::ICMPV6),
    };
    if !only_raw && let Ok(socket) = Socket::new(domain, Type::DGRAM, Some(protocol)) {
        return Ok((socket, Type::DGRAM));
    }
    let socket = Socket::new(domain, Type::RAW, Some(protocol));
    let socket = socket.context("cannot have a socket for ICMP");
    Ok((socket.map_err(|error| error.hint(RIGHTS))?, Type::RAW))
}
// ANCHOR_END: open

struct Ping {
    socket: UdpSocket, // std's type, for its recv_from (lesson 08); UDP it is not
    raw: bool,
    target: SocketAddr,
    timeout: Duration,
    data: [u8; 16], // nobody else sends this, so the answer that has it is ours
}

impl Ping {
    // ANCHOR: ask
    /// Sends one request, and waits for its answer and no other.
    fn ask(&self, number: u16) -> io::Result<()> {
        let v6 = self.target.is_ipv6();
        let identifier = process::id() as u16; // a datagram socket has the kernel's
        let request = request(v6, identifier, number, &self.data);
        drop(self.socket.take_error()); // what came too late is about an earlier request
        let (sent, mut buffer) = (Instant::now(), [0; 2048]);
        self.socket.send_to(&request, self.target)?;
        loop {
            let end = sent + self.timeout;
            let (length, from) = icmp::receive(&self.socket, &mut buffer, end)?;
            let took = sent.elapsed();
            match parse(&buffer[..length], v6, self.raw, &request) {
                Some(EchoReply::Answer(bytes)) if from == self.target.ip() => {
                    println!("number {number}: {bytes} bytes from {from} in {took:.1?}");
                    return Ok(());
                }
                Some(EchoReply::Answer(_)) => {
                    println!("[{from} answers, and was not asked]")
                }
                Some(EchoReply::AnswerTo(old)) => {
                    println!("[one more answer to number {old}]")
                }
                Some(EchoReply::Undelivered(kind, code)) => {
                    return Err(icmp::undelivered(from, kind, code));
                }
                None => {} // a raw socket hears all ICMP of the machine
            }
        }
    }
    // ANCHOR_END: ask
}
