//! Lesson 16: ping, an ICMP echo by hand.
//!
//!     cargo run -p families --bin ping                    (this machine)
//!     cargo run -p families --bin ping -- example.com

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::process::{self, ExitCode};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, UNIX_EPOCH};
use std::{fmt, io, num::NonZeroU16, thread};

use shared::{Address, Args, Context, StopSignal, exit_on_ctrl_c};
use shared::{explain, println, reachable};
use socket2::{Domain, Protocol, Socket, Type};

#[path = "ping/help.rs"]
mod help; // options, the TTL, and words for what was not delivered
#[path = "ping/icmp.rs"]
mod icmp; // the bytes of the messages
use icmp::{EchoReply, parse, request};

const HELP: &str = "\
Asks a host for an ICMP echo, and prints how long each answer took.
Ctrl+C ends it; then, too, it sums up.

usage: ping [HOST] [--count N] [--interval SECONDS] [--timeout SECONDS] [--ttl N] [--raw]

  HOST   a name, an IPv4 or an IPv6 address (127.0.0.1); there is no port
  --count, --interval, --timeout  requests (4), seconds between them (1), to wait (1)
  --ttl  how many hosts may hand the request on, the last one included (64)
  --raw  take a raw socket, also where an ICMP datagram socket is allowed

example: cargo run -p families --bin ping -- ::1 --count 2
";

const RIGHTS: &str = "root can allow it to groups: sysctl net.ipv4.ping_group_range='0 \
    2147483647', or to this program: setcap cap_net_raw+ep target/debug/ping";
const INTERFACE: &str = "a link-local address needs its interface: fe80::2%eth0, as `ip \
    link` names it";

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    exit_on_ctrl_c()?;
    let count = args.value("count")?.map_or(4, NonZeroU16::get);
    let interval = args.seconds("interval", 1.0)?;
    let ping = Ping::prepare(&args)?;
    sum_up_on_ctrl_c(Arc::clone(&ping.summary))?;
    let (host, kind) = (&ping.host, ping.kind);
    println!("PING {host}, with a socket of type {kind:?}");

    let mut last = Ok(());
    for number in 1..=count {
        let start = Instant::now();
        let asked = ping.ask(number);
        let mut summary = ping.summary.lock().expect("nobody panics");
        last = match asked {
            Ok(answer) => {
                println!("number {number}: {answer}");
                summary.took.push(answer.took);
                Ok(())
            }
            Err((doing, error)) => {
                println!("number {number}: {}", explain(&error));
                Err(error).context(doing)
            }
        };
        drop(summary); // while we sleep, Ctrl+C may lock it
        if number < count {
            thread::sleep(interval.saturating_sub(start.elapsed()));
        }
    }
    ping.ends(last)
}

/// Ctrl+C, on a thread of ctrlc's. It keeps the lock to the end, so nothing is printed
/// after the summary.
fn sum_up_on_ctrl_c(summary: Arc<Mutex<Summary>>) -> shared::Result<()> {
    StopSignal::watch()?.on_stop(move || {
        let summary = summary.lock().expect("nobody panics");
        println!("{summary}");
        process::exit(0);
    });
    Ok(())
}

/// What a ping is judged by.
#[derive(Default)]
struct Summary {
    sent: u32,
    took: Vec<Duration>, // of those that were answered
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sent, answered) = (self.sent, self.took.len() as u32);
        let lost = (sent - answered) * 100 / sent.max(1);
        write!(f, "{sent} sent, {answered} answered, {lost} % lost")?;
        let (min, max) = (self.took.iter().min(), self.took.iter().max());
        if let (Some(min), Some(max)) = (min, max) {
            let avg = self.took.iter().sum::<Duration>() / answered;
            write!(f, "\nmin {min:.1?}, avg {avg:.1?}, max {max:.1?}")?;
        }
        Ok(())
    }
}

/// An answer: how many bytes, of whom, with which TTL, after how long.
struct Answer {
    bytes: usize,
    from: IpAddr,
    ttl: Option<i32>,
    took: Duration,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (bytes, from, took) = (self.bytes, self.from, self.took);
        write!(f, "{bytes} bytes from {from} in {took:.1?}")?;
        match self.ttl {
            Some(ttl) => write!(f, ", TTL {ttl}"),
            None => Ok(()), // this system does not say it
        }
    }
}

struct Ping {
    socket: UdpSocket, // std's type, for its deadlines (lesson 08); UDP it is not
    kind: Type,
    host: String,
    target: SocketAddr,
    timeout: Duration,
    data: [u8; 16], // nobody else sends this, so the answer that has it is ours
    summary: Arc<Mutex<Summary>>,
}

impl Ping {
    fn prepare(args: &Args) -> shared::Result<Self> {
        let timeout = args.seconds("timeout", 1.0)?;
        let ttl = args.value("ttl")?.unwrap_or(64);
        let host = args.positional().unwrap_or("127.0.0.1");
        let host = host.trim_matches(['[', ']']).to_string();
        let address = Address {
            host: host.clone(),
            port: 0, // ICMP has no ports
        };
        let target = reachable(address.first()?); // 0.0.0.0 is this machine
        let (socket, kind) = open(target, args.flag("raw"))?;
        help::set_options(&socket, kind, target, ttl)
            .context(format!("cannot use --ttl {ttl}"))?;
        let now = UNIX_EPOCH.elapsed().unwrap_or_default();
        Ok(Self {
            socket: socket.into(),
            kind,
            host,
            target,
            timeout,
            data: now.as_nanos().to_be_bytes(),
            summary: Arc::default(),
        })
    }

    /// Sends one request, and waits for its answer. An error comes with what it was
    /// doing.
    fn ask(&self, number: u16) -> Result<Answer, (String, io::Error)> {
        let identifier = process::id() as u16; // a datagram socket has the kernel's
        let request = request(self.target.is_ipv6(), identifier, number, &self.data);
        drop(self.socket.take_error()); // what came too late is about an earlier request
        let sent = Instant::now();
        if let Err(error) = self.socket.send_to(&request, self.target) {
            return Err((format!("cannot send to {}", self.host), error));
        }
        self.summary.lock().expect("nobody panics").sent += 1;
        self.answer(&request, sent)
            .map_err(|error| (format!("{} has not answered", self.host), error))
    }

    /// Sums up. Where nobody has answered, the last error is the program's.
    fn ends(&self, last: shared::Result<()>) -> shared::Result<()> {
        let summary = self.summary.lock().expect("nobody panics");
        println!("{summary}");
        if !summary.took.is_empty() {
            return Ok(());
        }
        last.map_err(|error| match help::lacks_its_interface(self.target) {
            true => error.hint(INTERFACE),
            false => error,
        })
    }

    /// Waits for the answer to this request and no other.
    fn answer(&self, request: &[u8], sent: Instant) -> io::Result<Answer> {
        let raw = self.kind == Type::RAW || help::AS_RAW;
        let mut buffer = [0; 2048];
        loop {
            let end = sent + self.timeout;
            let received = help::receive(&self.socket, &mut buffer, end)?;
            let (took, from) = (sent.elapsed(), received.from);
            let message = &buffer[..received.length];
            match parse(message, self.target.is_ipv6(), raw, request) {
                Some(EchoReply::Answer(bytes)) if from == self.target.ip() => {
                    let ttl = received.ttl;
                    return Ok(Answer {
                        bytes,
                        from,
                        ttl,
                        took,
                    });
                }
                Some(EchoReply::Answer(_)) => {
                    println!("[{from} answers, and was not asked]");
                }
                Some(EchoReply::AnswerTo(old)) => {
                    println!("[one more answer to number {old}]");
                }
                Some(EchoReply::Undelivered(kind, code)) => {
                    return Err(help::undelivered(from, kind, code));
                }
                None => {} // a raw socket hears all ICMP of the machine
            }
        }
    }
}

/// Two kinds of socket can send a ping. First the one that needs the smaller right.
fn open(target: SocketAddr, only_raw: bool) -> shared::Result<(Socket, Type)> {
    let (domain, protocol) = match target {
        SocketAddr::V4(_) => (Domain::IPV4, Protocol::ICMPV4),
        SocketAddr::V6(_) => (Domain::IPV6, Protocol::ICMPV6),
    };
    match Socket::new(domain, Type::DGRAM, Some(protocol)) {
        Ok(socket) if !only_raw => return Ok((socket, Type::DGRAM)),
        _ => {} // the other one, then
    }
    let socket = Socket::new(domain, Type::RAW, Some(protocol));
    let socket = socket.context("cannot have a socket for ICMP");
    Ok((socket.map_err(|error| error.hint(RIGHTS))?, Type::RAW))
}
