//! Lesson 12: one listener for IPv4 and IPv6, or one for each.
//!
//!     cargo run -p options --bin options-v6only

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::process::ExitCode;

use shared::{Args, Context, explain, println};
use socket2::{Domain, Socket, Type};

const HELP: &str = "\
Listens on [::] with and without IPV6_V6ONLY, and lets an IPv4 client try.

usage: options-v6only

example: cargo run -p options --bin options-v6only
";

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    args.no_address()?;
    for only_v6 in [false, true] {
        println!("IPV6_V6ONLY {only_v6}");
        try_both(only_v6).context("cannot listen on [::]")?;
    }
    Ok(())
}

fn try_both(only_v6: bool) -> io::Result<()> {
    let listener = Socket::new(Domain::IPV6, Type::STREAM, None)?;
    only_this_machine(&listener)?;
    // The default is a setting of the machine. A server that cares says what it wants,
    // and says it before bind.
    listener.set_only_v6(only_v6)?;
    let port = free_port()?;
    let everywhere = SocketAddr::from((Ipv6Addr::UNSPECIFIED, port));
    listener.bind(&everywhere.into())?;
    listener.listen(2)?;
    println!("  listening on {everywhere}");

    for client in [Ipv6Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into()] {
        let server = SocketAddr::new(client, port);
        match TcpStream::connect(server) {
            Ok(_client) => {
                let (_, peer) = listener.accept()?;
                let peer = peer.as_socket().expect("IPv6");
                let plain = peer.ip().to_canonical();
                println!("  a client to {server}: comes as {peer}, which is {plain}");
            }
            Err(error) => println!("  a client to {server}: {}", explain(&error)),
        }
    }

    // Is the IPv4 port of the same number still free for a listener of its own?
    let ipv4 = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    only_this_machine(&ipv4)?;
    let second = SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
    match ipv4.bind(&second.into()) {
        Ok(()) => println!("  a second listener on {second}: works"),
        Err(error) => println!("  a second listener on {second}: {}", explain(&error)),
    }
    Ok(())
}

/// A port that is free over IPv4 and IPv6. A socket that is for IPv6 only would look for
/// one that is free over IPv6, and no farther.
fn free_port() -> io::Result<u16> {
    let socket = Socket::new(Domain::IPV6, Type::STREAM, None)?;
    only_this_machine(&socket)?;
    socket.set_only_v6(false)?;
    socket.bind(&SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)).into())?;
    Ok(socket.local_addr()?.as_socket().expect("IPv6").port())
}

/// SO_BINDTODEVICE, Linux: what does not come over the loopback interface does not exist
/// for this socket. So nobody from outside gets in, though we listen on every address.
#[cfg(target_os = "linux")]
fn only_this_machine(socket: &Socket) -> io::Result<()> {
    socket.bind_device(Some(b"lo"))
}

/// Elsewhere it is open to the network for a few milliseconds, and serves nobody else.
#[cfg(not(target_os = "linux"))]
fn only_this_machine(_: &Socket) -> io::Result<()> {
    Ok(())
}
