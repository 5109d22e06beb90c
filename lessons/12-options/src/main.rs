//! Lesson 12: what a socket can be told. Each common option: how it stands, what we set,
//! what the kernel made of it. Then a restart, without and with SO_REUSEADDR.
//!
//!     cargo run -p options

use std::fmt::Debug;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::ExitCode;
use std::time::Duration;

use shared::{Args, Context, explain, println};
use socket2::{Domain, Socket, Type};

const HELP: &str = "\
Prints each common option of a socket: its default, what we set, what the kernel made of
it. Then restarts a server on its port, without and with SO_REUSEADDR.

usage: options

example: cargo run -p options
";

const SECONDS: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    args.no_address()?;
    let create = |family, kind| Socket::new(family, kind, None);
    let tcp = create(Domain::IPV4, Type::STREAM).context("cannot create a TCP socket")?;
    let udp = create(Domain::IPV4, Type::DGRAM).context("cannot create a UDP socket")?;
    let ipv6 = create(Domain::IPV6, Type::STREAM);
    every_system(&tcp, &udp, ipv6.as_ref().ok());
    #[cfg(unix)]
    every_unix(&tcp);
    #[cfg(target_os = "linux")]
    linux(&tcp);

    println!("restart, while the last connection of the server is in TIME_WAIT");
    for (how, reuse) in [("without", false), ("with", true)] {
        let address = serve_one(reuse).context("cannot show a restart")?;
        match listen(address, reuse) {
            Ok(_) => println!("  {how:7} SO_REUSEADDR  listens on {address} again"),
            Err(error) => println!("  {how:7} SO_REUSEADDR  {}", explain(&error)),
        }
    }
    Ok(())
}

#[rustfmt::skip] // an option is two lines: what it is called and does; its calls
fn every_system(tcp: &Socket, udp: &Socket, ipv6: Option<&Socket>) {
    println!("{:19}{:11}{:11}{:11}means", "every system", "default", "set", "got back");
    row(tcp, "SO_REUSEADDR", "bind passes TIME_WAIT",
        Socket::reuse_address, Socket::set_reuse_address, true);
    row(tcp, "SO_KEEPALIVE", "asks a silent peer",
        Socket::keepalive, Socket::set_keepalive, true);
    row(tcp, "SO_LINGER", "close waits for delivery",
        Socket::linger, Socket::set_linger, Some(SECONDS));
    row(tcp, "SO_RCVBUF", "room for what comes in",
        Socket::recv_buffer_size, Socket::set_recv_buffer_size, 50_000);
    row(tcp, "SO_SNDBUF", "room for what goes out",
        Socket::send_buffer_size, Socket::set_send_buffer_size, 50_000);
    row(tcp, "SO_RCVTIMEO", "how long recv may wait",
        Socket::read_timeout, Socket::set_read_timeout, Some(SECONDS));
    row(tcp, "SO_SNDTIMEO", "how long send may wait",
        Socket::write_timeout, Socket::set_write_timeout, Some(SECONDS));
    row(tcp, "TCP_NODELAY", "small pieces go at once",
        Socket::tcp_nodelay, Socket::set_tcp_nodelay, true);
    row(tcp, "IP_TTL", "each router takes 1 away",
        Socket::ttl_v4, Socket::set_ttl_v4, 5);
    row(udp, "SO_BROADCAST", "may send to everybody",
        Socket::broadcast, Socket::set_broadcast, true);
    row(udp, "IP_MULTICAST_IF", "multicasts: the interface",
        Socket::multicast_if_v4, |s, ip| s.set_multicast_if_v4(&ip), Ipv4Addr::LOCALHOST);
    row(udp, "IP_MULTICAST_TTL", "multicasts: how far",
        Socket::multicast_ttl_v4, Socket::set_multicast_ttl_v4, 0);
    row(udp, "IP_MULTICAST_LOOP", "multicasts: here, too",
        Socket::multicast_loop_v4, Socket::set_multicast_loop_v4, false);
    match ipv6 {
        Some(ipv6) => row(ipv6, "IPV6_V6ONLY", "[::] takes no IPv4",
            Socket::only_v6, Socket::set_only_v6, true),
        None => println!("IPV6_V6ONLY        this machine has no IPv6"),
    }
}

#[cfg(unix)]
#[rustfmt::skip]
fn every_unix(tcp: &Socket) {
    const KEEPALIVE: socket2::TcpKeepalive = socket2::TcpKeepalive::new();
    println!("Unix");
    row(tcp, "O_NONBLOCK", "no call waits",
        Socket::nonblocking, Socket::set_nonblocking, true);
    row(tcp, "SO_REUSEPORT", "several share the port",
        Socket::reuse_port, Socket::set_reuse_port, true);
    row(tcp, "TCP_KEEPIDLE", "asks after this silence", Socket::tcp_keepalive_time,
        |s, idle| s.set_tcp_keepalive(&KEEPALIVE.with_time(idle)), SECONDS * 12);
    row(tcp, "TCP_KEEPINTVL", "asks again after", Socket::tcp_keepalive_interval,
        |s, pause| s.set_tcp_keepalive(&KEEPALIVE.with_interval(pause)), SECONDS);
    row(tcp, "TCP_KEEPCNT", "gives up after as many", Socket::tcp_keepalive_retries,
        |s, count| s.set_tcp_keepalive(&KEEPALIVE.with_retries(count)), 3);
    row(tcp, "TCP_MAXSEG", "most bytes in a packet",
        Socket::tcp_mss, Socket::set_tcp_mss, 1000);
    row(tcp, "IP_TOS", "a mark for routers",
        Socket::tos_v4, Socket::set_tos_v4, 0xb8);
}

#[cfg(target_os = "linux")]
#[rustfmt::skip]
fn linux(tcp: &Socket) {
    println!("Linux");
    row(tcp, "TCP_CORK", "only full packets go",
        Socket::tcp_cork, Socket::set_tcp_cork, true);
    row(tcp, "TCP_QUICKACK", "ACKs go at once, a while",
        Socket::tcp_quickack, Socket::set_tcp_quickack, false);
    row(tcp, "TCP_USER_TIMEOUT", "how long ACKs may take",
        Socket::tcp_user_timeout, Socket::set_tcp_user_timeout, Some(SECONDS));
}

/// Asks for an option, sets it to `value`, asks again, and prints the three.
fn row<T: Debug>(
    socket: &Socket,
    name: &str,
    means: &str,
    get: fn(&Socket) -> io::Result<T>,
    set: fn(&Socket, T) -> io::Result<()>,
    value: T,
) {
    let default = said(get(socket));
    let wanted = format!("{value:?}");
    let got_back = said(set(socket, value).and_then(|()| get(socket)));
    println!("{name:18} {default:10} {wanted:10} {got_back:10} {means}");
}

fn said<T: Debug>(answer: io::Result<T>) -> String {
    match answer {
        Ok(value) => format!("{value:?}"),
        Err(error) => explain(&error).to_string(),
    }
}

/// A server that has one client, closes first, and ends: the address that it had.
fn serve_one(reuse: bool) -> io::Result<SocketAddr> {
    let listener = listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), reuse)?;
    let address = listener.local_addr()?;
    let client = TcpStream::connect(address)?;
    let (accepted, _) = listener.accept()?;
    drop(accepted); // who closes first has the connection in TIME_WAIT: the server
    drop(client);
    Ok(address)
}

fn listen(address: SocketAddr, reuse: bool) -> io::Result<TcpListener> {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    listener.set_reuse_address(reuse)?;
    listener.bind(&address.into())?;
    listener.listen(1)?;
    Ok(listener.into())
}
