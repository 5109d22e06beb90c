//! Lesson 05: the first server. It accepts one client, hears it, answers, and ends.
//!
//!     cargo run -p bind-listen-accept       then: nc 127.0.0.1 8888
//!
//! What it cannot do: serve a second client (lesson 06), survive an `accept` that fails
//! (lessons 06 and 07), know where a message ends (lesson 09).

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use shared::{Args, Context, announce, display_addr, explain, println};
use socket2::{Domain, Protocol, Socket, Type};

const HELP: &str = "\
Listens on a port, accepts one client, prints what it says, and answers it.

usage: bind-listen-accept [HOST:PORT] [--timeout SECONDS]

  HOST:PORT          where to listen (127.0.0.1:8888); port 0 takes any free one
  --timeout SECONDS  how long a client may be silent before the next one's turn (30)

example: cargo run -p bind-listen-accept -- 127.0.0.1:9000
";

const BACKLOG: i32 = 10; // so many clients the kernel may keep waiting for us
const GOODBYE: Duration = Duration::from_secs(1); // so long we wait for its close

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    shared::exit_on_ctrl_c()?;
    let patience = args.seconds("timeout", 30.0)?;
    let address = args.address_or("127.0.0.1:8888")?.first()?;
    let listener = listen(address).context(format!("cannot listen on {address}"))?;
    let own = listener.local_addr().context("cannot read its address")?;
    announce(own.as_socket().expect("an IP address"));

    loop {
        let (client, peer) = listener.accept().context("cannot accept a client")?;
        println!("{} is connected", display_addr(&peer));
        match serve(client, patience) {
            Ok(()) => return Ok(()), // this server is for one client
            Err(error) => println!("{}; next client, please", explain(&error)),
        }
    }
}

fn listen(address: SocketAddr) -> io::Result<Socket> {
    let domain = Domain::for_address(address);
    let listener = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
    #[cfg(unix)] // on Windows the option means something else
    listener.set_reuse_address(true)?; // before bind, which looks at it
    if address.is_ipv6() {
        listener.set_only_v6(false)?; // `[::]` means IPv4, too, on every system
    }
    listener.bind(&address.into())?; // from here on the address is ours,
    listener.listen(BACKLOG)?; // and from here on the kernel answers clients for us
    Ok(listener)
}

fn serve(mut client: Socket, patience: Duration) -> io::Result<()> {
    client.set_read_timeout(Some(patience))?;
    let mut buffer = [0; 100];
    let count = receive(&mut client, &mut buffer)?;
    if count == 0 {
        return Err(io::Error::other("it closed without saying anything"));
    }
    // One recv is maybe half of what it said, maybe two things at once: lesson 09.
    println!("it says: {}", printable(&buffer[..count]));
    client.write_all(b"Hello, client!\n")?;
    close_gracefully(client)
}

/// Ends the connection so that the answer arrives.
fn close_gracefully(mut client: Socket) -> io::Result<()> {
    client.shutdown(Shutdown::Write)?; // our end of the stream: this was all
    client.set_read_timeout(Some(GOODBYE))?;
    let end = Instant::now() + GOODBYE;
    let mut rest = [0; 4096]; // what is read into it is thrown away
    while Instant::now() < end {
        match receive(&mut client, &mut rest) {
            Ok(0) => break, // the client has closed, too
            Ok(_) => {}
            Err(_) => break, // it has said no more for a second, or it has gone
        }
    }
    Ok(())
}

/// recv, made again where a signal has interrupted it (lesson 04).
fn receive(client: &mut Socket, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match client.read(buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// What is text is shown as text, anything else byte by byte: both with escapes, so that
/// it cannot steer our terminal.
fn printable(bytes: &[u8]) -> String {
    match str::from_utf8(bytes) {
        Ok(text) => format!("{text:?}"),
        Err(_) => format!("b\"{}\"", bytes.escape_ascii()),
    }
}
