// ANCHOR: all
//! Lesson 05: the first server. It accepts one client, hears it, answers, and ends.
//!
//!     cargo run -p bind-listen-accept
//!
//! and in a second terminal:
//!
//!     cargo run -p bind-listen-accept --bin bind-listen-accept-client -- 127.0.0.1:8888
//!     nc 127.0.0.1 8888     or: telnet 127.0.0.1 8888

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use shared::{Args, Backoff, Context, exit_on_ctrl_c};
use shared::{display_addr, explain, println, reachable};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};

const HELP: &str = "\
Listens on a port, accepts one client, prints what it says, and answers it.

usage: bind-listen-accept [HOST:PORT] [--timeout SECONDS]

  HOST:PORT          where to listen (127.0.0.1:8888); port 0 takes any free one
  --timeout SECONDS  how long a client may be silent before the next one's turn (30)

example: cargo run -p bind-listen-accept -- 127.0.0.1:9000
";

/// How many clients the kernel may keep waiting for us.
const BACKLOG: i32 = 10;

fn main() -> ExitCode {
    shared::run(HELP, run)
}

// ANCHOR: run
fn run(args: Args) -> shared::Result<()> {
    exit_on_ctrl_c()?;
    let patience = args.seconds("timeout", 30.0)?;
    let address = args.address_or("127.0.0.1:8888")?.first()?;
    let listener = listen(address).context(format!("cannot listen on {address}"))?;

    // After a bind to port 0 only the kernel knows which one it took: getsockname(2).
    let own = listener.local_addr().context("cannot read its address")?;
    let own = own.as_socket().unwrap_or(address);
    println!("Listening on {own}");
    println!("try: nc {} {}", reachable(own).ip(), own.port());

    // This server is for one client. One that knocks and says nothing does not count.
    let client = loop {
        let (client, peer) = accept(&listener).context("cannot accept a client")?;
        println!("{} is connected", display_addr(&peer));
        match serve(&client, patience) {
            Ok(()) => break client,
            Err(error) => println!("{}; next client, please", explain(&error)),
        }
        // Here `client` goes out of scope: that descriptor is closed. `listener` stays.
    };
    close_gracefully(&client);
    Ok(())
}
// ANCHOR_END: run

// ANCHOR: listen
fn listen(address: SocketAddr) -> io::Result<Socket> {
    let domain = Domain::for_address(address);
    let listener = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;

    // The side that closes first keeps the port in TIME_WAIT for a minute. Without this,
    // a restarted server would have to wait that long.
    #[cfg(unix)]
    listener.set_reuse_address(true)?;

    // Whether `[::]` means IPv4, too, differs from system to system: say what we want.
    if address.is_ipv6() {
        listener.set_only_v6(false)?;
    }

    listener.bind(&address.into())?; // From here on the address is ours,
    listener.listen(BACKLOG)?; // and from here on the kernel answers clients for us.
    Ok(listener)
}
// ANCHOR_END: listen

// ANCHOR: accept
/// Takes the first client out of the kernel's queue, or waits until there is one.
fn accept(listener: &Socket) -> io::Result<(Socket, SockAddr)> {
    let mut backoff = Backoff::default();
    loop {
        match listener.accept() {
            // A new socket, for this client alone, and the client's address.
            Ok(client) => return Ok(client),
            // A client that gave up in the queue, no descriptor left: no reason to end.
            Err(error) => backoff.wait_or_fail(error)?,
        }
    }
}
// ANCHOR_END: accept

// ANCHOR: serve
fn serve(mut client: &Socket, patience: Duration) -> io::Result<()> {
    client.set_read_timeout(Some(patience))?;
    let mut buffer = [0; 1024];
    let count = loop {
        match client.read(&mut buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {} // a signal: again
            result => break result?,
        }
    };
    if count == 0 {
        return Err(io::Error::other("it closed without saying anything"));
    }
    // One recv is maybe half of what it said, maybe two things at once. A real server
    // must know where a message ends: lesson 09.
    println!("it says: {}", printable(&buffer[..count]));
    client.write_all(b"Hello, client!\n")
}

/// A peer may send anything. In quotes and with escapes it cannot steer our terminal.
fn printable(bytes: &[u8]) -> String {
    match str::from_utf8(bytes) {
        Ok(text) => format!("{text:?}"),
        Err(_) => format!("b\"{}\"", bytes.escape_ascii()),
    }
}
// ANCHOR_END: serve

// ANCHOR: close_gracefully
/// Ends the connection so that the answer arrives. What fails here fails because the
/// client has gone already.
fn close_gracefully(mut client: &Socket) {
    // Our end of the stream: the client's recv will return 0 after the answer.
    let mut open = client.shutdown(Shutdown::Write).is_ok();
    // To close with unread input sends a reset, and a reset can destroy the answer on its
    // way. So read until the client closes, too, but not for ever.
    let a_second = Duration::from_secs(1);
    open &= client.set_read_timeout(Some(a_second)).is_ok();
    let end = Instant::now() + a_second;
    while open && Instant::now() < end {
        open = match client.read(&mut [0; 4096]) {
            Ok(count) => count > 0,
            Err(error) => error.kind() == ErrorKind::Interrupted,
        };
    }
}
