//! Each option is a value of an enum, found by its name.

use std::io::{self, Write};
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};

#[derive(Clone, Copy)]
enum Opt {
    Receive,
    Send,
    Alive,
    Reuse,
    NoDelay,
    Timeout,
    Hops,
}

const NAMES: [(&str, Opt); 7] = [
    ("SO_RCVBUF", Opt::Receive),
    ("SO_SNDBUF", Opt::Send),
    ("SO_KEEPALIVE", Opt::Alive),
    ("SO_REUSEADDR", Opt::Reuse),
    ("TCP_NODELAY", Opt::NoDelay),
    ("SO_RCVTIMEO", Opt::Timeout),
    ("IP_TTL", Opt::Hops),
];

impl Opt {
    fn set(self, s: &Socket, wish: u64) -> io::Result<()> {
        match self {
            Opt::Receive => s.set_recv_buffer_size(wish as usize),
            Opt::Send => s.set_send_buffer_size(wish as usize),
            Opt::Alive => s.set_keepalive(wish > 0),
            Opt::Reuse => s.set_reuse_address(wish > 0),
            Opt::NoDelay => s.set_tcp_nodelay(wish > 0),
            Opt::Timeout => s.set_read_timeout(Some(Duration::from_millis(wish))),
            Opt::Hops => s.set_ttl_v4(wish as u32),
        }
    }

    fn get(self, s: &Socket) -> io::Result<u64> {
        Ok(match self {
            Opt::Receive => s.recv_buffer_size()? as u64,
            Opt::Send => s.send_buffer_size()? as u64,
            Opt::Alive => s.keepalive()?.into(),
            Opt::Reuse => s.reuse_address()?.into(),
            Opt::NoDelay => s.tcp_nodelay()?.into(),
            Opt::Timeout => s.read_timeout()?.unwrap_or_default().as_millis() as u64,
            Opt::Hops => s.ttl_v4()?.into(),
        })
    }
}

fn main() -> io::Result<()> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    let mut out = io::stdout().lock();
    for setting in std::env::args().skip(1) {
        let mut parts = setting.split('=');
        let name = parts.next().unwrap_or_default();
        let known = NAMES.iter().find(|(known, _)| *known == name);
        let said = known.map(|(_, option)| {
            if let Some(wish) = parts.next() {
                option.set(&socket, wish.parse().unwrap_or(0))?;
            }
            option.get(&socket)
        });
        match said {
            None => writeln!(out, "{name} unknown")?,
            Some(Err(_)) => writeln!(out, "{name} refused")?,
            Some(Ok(value)) => writeln!(out, "{name} {value}")?,
        }
    }
    Ok(())
}
