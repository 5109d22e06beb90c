//! Lesson 08: the same calls on a TCP socket and on a UDP socket, side by side.
//!
//!     cargo run -p udp --bin tcp-and-udp

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use shared::{Args, Context, display_addr, exit_on_ctrl_c, explain, println};
use socket2::{Domain, Socket, Type};

const HELP: &str = "\
Makes the same calls on a TCP socket and on a UDP socket, and prints what happens.

usage: tcp-and-udp

example: cargo run -p udp --bin tcp-and-udp
";

/// Each row is a function. It runs twice, and only the type of its sockets differs.
type Row = fn(Type) -> io::Result<String>;

const ROWS: [(&str, Row); 8] = [
    ("connect, then send, where nobody listens", nobody),
    ("the server asks its socket for the peer's address", who),
    ("send \"one\", \"two\", \"three\"; then one recv", three),
    (
        "send \"hello\"; a recv with room for 2 bytes, and another",
        short,
    ),
    ("send 0 bytes; then recv", empty),
    ("one side closes, the other calls recv", close),
    ("send 65508 bytes at once", long),
    ("send 5000 times 1000 bytes to a reader that sleeps", many),
];

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    exit_on_ctrl_c()?;
    args.no_address()?;
    for (what, row) in ROWS {
        println!("{what}");
        println!("  TCP: {}", row(Type::STREAM).context(what)?);
        println!("  UDP: {}", row(Type::DGRAM).context(what)?);
    }
    Ok(())
}

fn nobody(kind: Type) -> io::Result<String> {
    let address = pair(kind)?.1.local_addr()?; // both sockets are dropped, and so closed
    let socket = Socket::new(Domain::IPV4, kind, None)?;
    if let Err(error) = socket.connect(&address) {
        return Ok(format!("connect: {}", explain(&error)));
    }
    socket.send(b"hello")?;
    socket.set_read_timeout(Some(Duration::from_millis(200)))?;
    let told = recv(&socket, 100);
    Ok(format!("connect: done; send: done; recv: {told}"))
}

fn who(kind: Type) -> io::Result<String> {
    let (_client, server) = pair(kind)?;
    let peer = server.peer_addr();
    Ok(peer.map_or_else(
        |error| explain(&error).to_string(),
        |peer| display_addr(&peer),
    ))
}

fn three(kind: Type) -> io::Result<String> {
    let (client, server) = pair(kind)?;
    for message in ["one", "two", "three"] {
        client.send(message.as_bytes())?;
    }
    thread::sleep(Duration::from_millis(100)); // all of it is there then
    Ok(recv(&server, 100))
}

fn short(kind: Type) -> io::Result<String> {
    let (client, server) = pair(kind)?;
    client.send(b"hello")?;
    Ok(format!("{}, then {}", recv(&server, 2), recv(&server, 100)))
}

fn empty(kind: Type) -> io::Result<String> {
    let (client, server) = pair(kind)?;
    client.send(b"")?;
    Ok(recv(&server, 100))
}

fn close(kind: Type) -> io::Result<String> {
    let (client, server) = pair(kind)?;
    drop(client);
    Ok(recv(&server, 100))
}

fn long(kind: Type) -> io::Result<String> {
    let (client, _server) = pair(kind)?;
    Ok(match client.send(&[b'x'; 65_508]) {
        Ok(length) => format!("{length} bytes sent"),
        Err(error) => explain(&error).to_string(),
    })
}

fn many(kind: Type) -> io::Result<String> {
    let (mut client, mut server) = pair(kind)?;
    let sender = thread::spawn(move || {
        (0..5000).try_for_each(|_| client.write_all(&[b'x'; 1000]))
    });
    thread::sleep(Duration::from_millis(300));
    let (mut buffer, mut arrived) = ([0; 1000], 0);
    while let Ok(length @ 1..) = server.read(&mut buffer) {
        arrived += length;
    }
    sender.join().expect("the sender does not panic")?;
    Ok(format!("{arrived} of 5000000 bytes arrive"))
}

/// Two sockets, of which the first is connected to the second.
fn pair(kind: Type) -> io::Result<(Socket, Socket)> {
    let client = Socket::new(Domain::IPV4, kind, None)?;
    let mut server = Socket::new(Domain::IPV4, kind, None)?;
    server.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())?;
    if kind == Type::STREAM {
        server.listen(1)?;
    }
    client.connect(&server.local_addr()?)?;
    if kind == Type::STREAM {
        server = server.accept()?.0;
    }
    server.set_read_timeout(Some(Duration::from_millis(200)))?;
    Ok((client, server))
}

/// What one recv with this much room gives, in words.
fn recv(mut socket: &Socket, room: usize) -> String {
    let mut buffer = vec![0; room];
    match socket.read(&mut buffer) {
        Ok(0) => "0 bytes".to_string(),
        Ok(length) => format!("{:?}", String::from_utf8_lossy(&buffer[..length])),
        Err(error) => explain(&error).to_string(),
    }
}
