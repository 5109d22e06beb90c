//! Lesson 16: one server for IPv4 and IPv6. It tells each client how it has come.
//!
//!     cargo run -p families --bin dual-stack               (loopback, two sockets)
//!     cargo run -p families --bin dual-stack -- [::]:4646  (every address, one socket)
//!
//! Talk to it: nc 127.0.0.1 4646, nc ::1 4646

use std::io::{self, ErrorKind, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use shared::{Args, Context, DeadlineStream, StopSignal};
use shared::{announce, explain, log, println};
use socket2::{Domain, Socket, Type};

const HELP: &str = "\
Tells each client its address, over IPv4 and over IPv6.

usage: dual-stack [HOST:PORT]

  HOST:PORT  where to listen. A name: on each of its addresses. [::]: on every address of
             both families, with one socket. Without it: on [::1]:4646 and 127.0.0.1:4646

example: cargo run -p families --bin dual-stack -- [::]:4646
";

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    let mut wanted = match args.address()? {
        Some(address) => address
            .resolve()
            .context(format!("cannot resolve {}", address.host))?,
        // No single address means loopback of both families. So: two sockets.
        None => vec![
            (Ipv6Addr::LOCALHOST, 4646).into(),
            (Ipv4Addr::LOCALHOST, 4646).into(),
        ],
    };
    let stop = StopSignal::watch()?;
    let listeners = listen_on_each(&mut wanted)?;
    for (_, own) in &listeners {
        announce(*own);
    }
    // A thread for each listener. A server with many would ask poll (lesson 10) instead.
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for (listener, own) in listeners {
            let serve = || shared::serve_clients(listener, stop, serve);
            match thread::Builder::new().spawn_scoped(scope, serve) {
                Ok(thread) => threads.push(thread),
                Err(error) => println!("no thread is left for {own}: {error}"),
            }
        }
        for thread in threads {
            thread.join().expect("serve does not panic")?;
        }
        Ok(())
    })
}

/// A socket for each address; IPv6 may be missing on this machine.
fn listen_on_each(
    wanted: &mut Vec<SocketAddr>,
) -> shared::Result<Vec<(Socket, SocketAddr)>> {
    let mut listeners: Vec<(Socket, SocketAddr)> = Vec::new();
    while !wanted.is_empty() {
        let mut address = wanted.remove(0);
        if let Some((_, first)) = listeners.first() {
            address.set_port(first.port()); // port 0: any free one, the same for all
        }
        match listen(address) {
            Ok(listener) => listeners.push(listener),
            Err(error) if lacks_ipv6(&error, address) => {
                if address.ip().is_unspecified() {
                    // `[::]` was meant for IPv4, too.
                    wanted.push((Ipv4Addr::UNSPECIFIED, address.port()).into());
                }
                if wanted.is_empty() && listeners.is_empty() {
                    return Err(error).context(format!("cannot listen on {address}"));
                }
                println!("{address} is left out: {}", explain(&error));
            }
            Err(error) => {
                return Err(error).context(format!("cannot listen on {address}"));
            }
        }
    }
    Ok(listeners)
}

fn listen(address: SocketAddr) -> io::Result<(Socket, SocketAddr)> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    #[cfg(unix)]
    socket.set_reuse_address(true)?; // lesson 05
    if address.is_ipv6() {
        // `[::]` can mean every address of both families. What it means without this call
        // is a setting of the system: net.ipv6.bindv6only, 0 on most. So we say it.
        socket.set_only_v6(!address.ip().is_unspecified())?;
    }
    socket.bind(&address.into())?;
    socket.listen(1024)?; // room for a burst: lesson 07
    let own = socket.local_addr()?.as_socket();
    Ok((socket, own.ok_or(ErrorKind::InvalidData)?))
}

/// The kernel knows no IPv6 (EAFNOSUPPORT), or no interface has it, and `::1` is missing.
fn lacks_ipv6(error: &io::Error, address: SocketAddr) -> bool {
    let unknown = explain(error).name.as_deref() == Some("EAFNOSUPPORT");
    let missing =
        error.kind() == ErrorKind::AddrNotAvailable && address.ip().is_loopback();
    address.is_ipv6() && (unknown || missing)
}

fn serve(mut client: DeadlineStream, _clients: usize) {
    let answered = answer(client.within(Duration::from_secs(5)));
    if let Err(error) = answered {
        log!("a client is lost: {}", explain(&error));
    }
    client.close_gracefully();
}

fn answer(client: &mut DeadlineStream) -> io::Result<()> {
    let peer = client.socket().peer_addr()?.as_socket();
    let peer = peer.ok_or(ErrorKind::InvalidData)?;
    // On an IPv6 socket an IPv4 client has a mapped address, ::ffff:127.0.0.1 (RFC 4291
    // section 2.5.5.2). Whoever compares addresses wants the real one.
    let real = SocketAddr::new(peer.ip().to_canonical(), peer.port());
    let over = if real.is_ipv4() { "IPv4" } else { "IPv6" };
    log!("{peer} has come over {over}");
    client.write_all(format!("You are {real}, over {over}.\n").as_bytes())
}
