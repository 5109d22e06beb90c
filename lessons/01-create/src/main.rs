// ANCHOR: all
//! Lesson 01: create one socket of each kind, and see what the kernel makes of it.
//!
//!     cargo run -p create
//!
//! Some kinds need a right that an ordinary user does not have. As root:
//!
//!     sudo target/debug/create

use std::io;
use std::process::ExitCode;

use shared::{Args, Context, Error, explain, println};
use socket2::{Domain, Protocol, Socket, Type};

const HELP: &str = "\
Creates a socket of each family and type, and prints what the kernel makes of it:
a descriptor, a family, a type and a protocol, or an error and what to do.

usage: create

example: cargo run -p create
";

const FAMILIES: [Domain; 3] = [Domain::IPV4, Domain::IPV6, Domain::UNIX];
const TYPES: [Type; 3] = [Type::STREAM, Type::DGRAM, Type::RAW];

/// Not every protocol belongs to every type. The last one here is wrong on purpose.
const WITH_PROTOCOL: [(Domain, Type, Protocol); 5] = [
    (Domain::IPV4, Type::STREAM, Protocol::TCP),
    (Domain::IPV4, Type::DGRAM, Protocol::UDP),
    (Domain::IPV4, Type::RAW, Protocol::ICMPV4),
    (Domain::IPV6, Type::RAW, Protocol::ICMPV6),
    (Domain::IPV4, Type::STREAM, Protocol::UDP),
];

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    args.no_address()?;

    // Each socket that could be created is kept in here, and so stays open.
    let mut sockets = Vec::new();
    println!("protocol 0: the kernel chooses");
    for family in FAMILIES {
        for kind in TYPES {
            // `create` returns Some(socket) or None. `extend` adds what there is.
            sockets.extend(create(family, kind, None));
        }
    }
    println!("\na protocol by its name");
    for (family, kind, protocol) in WITH_PROTOCOL {
        sockets.extend(create(family, kind, Some(protocol)));
    }
    close_one(sockets)
    // Whatever `close_one` did not drop is dropped at its end: no socket is left open.
}

/// Creates one socket and prints its row. `None` stands for protocol 0.
fn create(family: Domain, kind: Type, protocol: Option<Protocol>) -> Option<Socket> {
    let asked = format!("{family:?} {kind:?} {}", name(protocol));

    // This is socket(2), the first call of every program that uses the network. It sends
    // nothing: the kernel only makes an object and hands out a number for it.
    match Socket::new(family, kind, protocol) {
        Ok(socket) => {
            let made = made(&socket).unwrap_or_else(|error| explain(&error).to_string());
            println!("  {asked:32} -> descriptor {:<3} {made}", number(&socket));
            Some(socket)
        }
        // The error is a value: this row says no, and the next one is tried all the same.
        Err(error) => {
            let explanation = explain(&error);
            println!("  {asked:32} -> {explanation}");
            println!("      {}", explanation.hint);
            if cfg!(windows) && family == Domain::UNIX {
                println!(
                    "      on Windows AF_UNIX has streams only; the rest is Unix only"
                );
            }
            None
        }
    }
}

/// Asks the kernel what it made: getsockopt(2) with SO_DOMAIN, SO_TYPE, SO_PROTOCOL.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn made(socket: &Socket) -> io::Result<String> {
    let (family, kind) = (socket.domain()?, socket.r#type()?);
    Ok(format!("{family:?} {kind:?} {}", name(socket.protocol()?)))
}

/// On other systems socket2 asks for the type alone.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn made(socket: &Socket) -> io::Result<String> {
    Ok(format!("{:?}", socket.r#type()?))
}

fn name(protocol: Option<Protocol>) -> String {
    protocol.map_or("0".to_string(), |protocol| format!("{protocol:?}"))
}

fn close_one(mut sockets: Vec<Socket>) -> shared::Result<()> {
    // Even the plainest socket can be refused: then there is nothing to close.
    if sockets.is_empty() {
        return Err(Error::new("cannot create a single socket")
            .hint("each row above says why, and what to do"));
    }

    // `remove` takes the socket out of the Vec, `drop` ends it: that is close(2).
    let socket = sockets.remove(sockets.len() / 2);
    println!("\ndropping the socket with descriptor {}", number(&socket));
    drop(socket);

    // The kernel always gives the lowest number that is free.
    let next = Socket::new(Domain::IPV4, Type::STREAM, None);
    let next = next.context("cannot create another socket")?;
    println!("the next socket has descriptor {}", number(&next));
    Ok(())
}

/// The number by which the kernel knows this socket of ours: the descriptor.
#[cfg(unix)]
fn number(socket: &Socket) -> i64 {
    std::os::fd::AsRawFd::as_raw_fd(socket).into()
}

/// On Windows the number is called a handle, and is not the lowest one that is free.
#[cfg(windows)]
fn number(socket: &Socket) -> u64 {
    std::os::windows::io::AsRawSocket::as_raw_socket(socket)
}
