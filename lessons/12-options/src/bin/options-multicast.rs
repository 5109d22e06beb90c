//! Lesson 12: one datagram for many: broadcast and multicast, on this machine only.
//!
//!     cargo run -p options --bin options-multicast

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::process::ExitCode;
use std::time::Duration;

use shared::{Args, Context, exit_on_ctrl_c, explain, println};
use socket2::{Domain, Socket, Type};

const HELP: &str = "\
Sends to a broadcast address and to a multicast group; nothing leaves this machine.

usage: options-multicast

example: cargo run -p options --bin options-multicast
";

/// Every loopback address begins with 127. The last one of them means: all of them.
const EVERYBODY: Ipv4Addr = Ipv4Addr::new(127, 255, 255, 255);
/// 239.x.x.x is for groups of one's own, as 192.168.x.x is for hosts (RFC 2365).
const GROUP: Ipv4Addr = Ipv4Addr::new(239, 255, 12, 12);
/// The interface that the datagrams leave by, and come back by.
const LOOPBACK: Ipv4Addr = Ipv4Addr::LOCALHOST;

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    args.no_address()?;
    exit_on_ctrl_c()?;
    println!("broadcast");
    broadcast().context("cannot show a broadcast")?;
    println!("multicast");
    multicast().context("cannot show a multicast")
}

fn broadcast() -> io::Result<()> {
    let everywhere = two_on_one_port(EVERYBODY)?;
    let everybody = (EVERYBODY, everywhere[0].local_addr()?.port());
    let sender = UdpSocket::bind((LOOPBACK, 0))?;
    match sender.send_to(b"hello", everybody) {
        Ok(_) => println!("  without SO_BROADCAST: {}", heard(&everywhere)),
        Err(error) => println!("  without SO_BROADCAST: {}", explain(&error)),
    }
    sender.set_broadcast(true)?;
    sender.send_to(b"hello", everybody)?;
    println!("  with SO_BROADCAST: {}", heard(&everywhere));
    Ok(())
}

fn multicast() -> io::Result<()> {
    let members = two_on_one_port(GROUP)?;
    let [anna, ben] = &members;
    let group = (GROUP, anna.local_addr()?.port());
    let sender = Socket::new(Domain::IPV4, Type::DGRAM, None)?;
    sender.set_multicast_if_v4(&LOOPBACK)?; // not by the default one
    sender.set_multicast_ttl_v4(0)?; // and no farther than this machine
    let sender = UdpSocket::from(sender);
    let send = |when: &str| -> io::Result<()> {
        sender.send_to(b"hello", group)?;
        println!("  {when}: {}", heard(&members));
        Ok(())
    };

    // The sender need not be a member.
    anna.join_multicast_v4(&GROUP, &LOOPBACK)?;
    ben.join_multicast_v4(&GROUP, &LOOPBACK)?;
    send("both have joined")?;
    ben.leave_multicast_v4(&GROUP, &LOOPBACK)?;
    send("ben has left")?;
    // Linux asks whether anybody on this machine has joined. This makes it ask for each
    // socket, as other systems do.
    #[cfg(target_os = "linux")]
    socket2::SockRef::from(ben).set_multicast_all_v4(false)?;
    send("ben has left, without IP_MULTICAST_ALL")
}

/// Anna and Ben. With SO_REUSEADDR two UDP sockets may have the same port (lesson 08).
/// What is sent to one host goes to the last of them; what is sent to many goes to both.
fn two_on_one_port(address: Ipv4Addr) -> io::Result<[UdpSocket; 2]> {
    // Bound to this address, a socket hears only what is sent to it. Windows allows
    // that for addresses of hosts alone.
    let address = if cfg!(windows) { LOOPBACK } else { address };
    let anna = bind(SocketAddr::from((address, 0)))?;
    let ben = bind(anna.local_addr()?)?;
    Ok([anna, ben])
}

fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, None)?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.set_read_timeout(Some(Duration::from_millis(200)))?;
    Ok(socket.into())
}

fn heard(sockets: &[UdpSocket; 2]) -> &'static str {
    match (hears(&sockets[0]), hears(&sockets[1])) {
        (true, true) => "anna and ben hear it",
        (true, false) => "anna hears it",
        (false, true) => "ben hears it",
        (false, false) => "nobody hears it",
    }
}

fn hears(socket: &UdpSocket) -> bool {
    loop {
        match socket.recv(&mut [0; 100]) {
            Ok(_) => return true,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return false, // 200 ms are over
        }
    }
}
