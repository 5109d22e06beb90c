//! Lesson 16: the same calls on a Unix-domain datagram socket and over UDP, side by side.
//!
//!     cargo run -p families --bin unix-datagram

use std::io::{self, Read};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use families::unix_files::{fresh, remove};
use shared::{Args, Context};
use shared::{display_addr, explain, println};
use socket2::{Domain, SockAddr, Socket, Type};

const HELP: &str = "\
Makes the same calls on Unix-domain datagrams and on UDP, and shows what comes of them.

usage: unix-datagram

example: cargo run -p families --bin unix-datagram
";

type Row = fn(Domain) -> io::Result<String>;

const ROWS: [(&str, Row); 6] = [
    ("three sends, then three recvs", three),
    ("who a client without a name of its own is", nameless),
    ("who a client is that has bound a name", named),
    ("nobody has this name any more", nobody),
    ("1000 datagrams, and nobody reads", many),
    ("a datagram of 100,000 bytes", long),
];

pub fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    args.no_address()?;
    for (what, row) in ROWS {
        println!("{what}");
        for (name, family) in [("Unix", Domain::UNIX), ("UDP", Domain::IPV4)] {
            let found = row(family).context(format!("cannot show: {what}"))?;
            println!("  {name:5} {found}");
        }
    }
    // A socket that is closed leaves its file behind. These are ours, so we tidy up.
    let tidied = remove("server").and_then(|()| remove("client"));
    tidied.context("cannot remove the files of our sockets")
}

fn three(family: Domain) -> io::Result<String> {
    let (client, server) = pair(family)?;
    for message in ["one", "two", "three"] {
        client.send(message.as_bytes())?;
    }
    let heard = [(); 3].map(|()| recv(&server));
    Ok(heard.join(", "))
}

fn nameless(family: Domain) -> io::Result<String> {
    let (client, server) = pair(family)?;
    client.send(b"hello")?;
    let (_, sender) = server.recv_from(&mut [])?; // no room; but we learn who sent it
    Ok(display_addr(&sender))
}

fn named(family: Domain) -> io::Result<String> {
    let (_, server) = pair(family)?;
    let client = Socket::new(family, Type::DGRAM, None)?;
    client.bind(&name(family, "client")?)?;
    client.connect(&server.local_addr()?)?;
    client.send(b"hello")?;
    let (_, sender) = server.recv_from(&mut [])?;
    server.send_to(b"HELLO", &sender)?;
    let answer = recv(&client);
    Ok(format!("{}; it hears {answer}", display_addr(&sender)))
}

fn nobody(family: Domain) -> io::Result<String> {
    let address = pair(family)?.1.local_addr()?; // both are dropped, and so closed
    let client = Socket::new(family, Type::DGRAM, None)?;
    if let Err(error) = client.connect(&address) {
        return Ok(format!("connect: {}", explain(&error)));
    }
    client.send(b"hello")?;
    client.set_read_timeout(Some(Duration::from_millis(200)))?;
    let found = recv(&client);
    Ok(format!("connect: done; send: done; recv: {found}"))
}

fn many(family: Domain) -> io::Result<String> {
    let (client, mut server) = pair(family)?;
    client.set_nonblocking(true)?; // an error instead of a wait
    server.set_nonblocking(true)?;
    let sent = (0..1000)
        .map_while(|_| client.send(&[b'x'; 1000]).ok())
        .count();
    let arrived = (0..sent)
        .map_while(|_| server.read(&mut [0; 1000]).ok())
        .count();
    let wait = if sent < 1000 {
        "; the next send would have to wait"
    } else {
        ""
    };
    Ok(format!("{sent} are sent, {arrived} of them arrive{wait}"))
}

fn long(family: Domain) -> io::Result<String> {
    let (client, _server) = pair(family)?;
    let sent = client.send(&[b'x'; 100_000]);
    Ok(sent.map_or_else(
        |error| explain(&error).to_string(),
        |_| "it is sent".to_string(),
    ))
}

/// Two sockets, of which the first is connected to the second.
fn pair(family: Domain) -> io::Result<(Socket, Socket)> {
    let server = Socket::new(family, Type::DGRAM, None)?;
    server.bind(&name(family, "server")?)?;
    let client = Socket::new(family, Type::DGRAM, None)?;
    client.connect(&server.local_addr()?)?;
    Ok((client, server))
}

/// An address of the family that is free: a path in a folder of our own, or a port.
fn name(family: Domain, who: &str) -> io::Result<SockAddr> {
    if family == Domain::UNIX {
        return fresh(who);
    }
    Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())
}

/// What one recv gives, in words.
fn recv(mut socket: &Socket) -> String {
    let mut buffer = [0; 100];
    let length = socket.read(&mut buffer);
    let text = |length| format!("{:?}", String::from_utf8_lossy(&buffer[..length]));
    length.map_or_else(|error| explain(&error).to_string(), text)
}
