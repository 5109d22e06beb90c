//! Lesson 16: the same exchange over every family of sockets, and who may send a ping.
//!
//!     cargo run -p families

use std::io::{self, Read};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;

use families::unix_files;
use shared::{Args, Context};
use shared::{display_addr, explain, println};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};

const HELP: &str = "\
Sends `hello` over each family of sockets and gets `HELLO` back. Prints the addresses of
both ends, and which sockets for ping your user may have.

usage: families

example: cargo run -p families
";

/// The sockets that can send a ping: family, type, protocol, and who may have one.
const FOR_PING: [(Domain, Type, Protocol, &str); 4] = [
    (Domain::IPV4, Type::DGRAM, Protocol::ICMPV4, FOR_GROUPS),
    (Domain::IPV6, Type::DGRAM, Protocol::ICMPV6, FOR_GROUPS),
    (Domain::IPV4, Type::RAW, Protocol::ICMPV4, FOR_ROOT),
    (Domain::IPV6, Type::RAW, Protocol::ICMPV6, FOR_ROOT),
];
const FOR_GROUPS: &str = "for the groups that net.ipv4.ping_group_range names";
const FOR_ROOT: &str = "for root, and for programs with the capability CAP_NET_RAW";

pub fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    args.no_address()?;
    // A path; and with a byte 0 in front, an abstract name, for which there is no file.
    let file = |who| unix_files::fresh(who);
    let number = std::process::id(); // so that two of these programs do not meet
    let name = |who| SockAddr::unix(format!("\0{who}-{number}")); // Linux only
    let v4 = || Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into());
    let v6 = || Ok(SocketAddr::from((Ipv6Addr::LOCALHOST, 0)).into());

    println!("hello there, and HELLO back");
    row("socketpair", pair());
    for kind in [Type::STREAM, Type::DGRAM] {
        println!("the same with {kind:?}");
        row("Unix, file", exchange(kind, file("server"), file("client")));
        row(
            "Unix, abstract",
            exchange(kind, name("server"), name("client")),
        );
        row("IPv4", exchange(kind, v4(), v4()));
        row("IPv6", exchange(kind, v6(), v6()));
    }
    // A socket that is closed leaves its file behind. These are ours, so we tidy up.
    for who in ["server", "client"] {
        unix_files::remove(who).context("cannot remove the file of a socket")?;
    }

    println!("\na socket for ping");
    for (family, kind, protocol, right) in FOR_PING {
        let made = Socket::new(family, kind, Some(protocol));
        let found =
            made.map_or_else(|error| explain(&error).to_string(), |_| "yes".into());
        println!("  {:21} {found}", format!("{family:?} {kind:?}"));
        println!("      {right}");
    }
    Ok(())
}

fn row(what: &str, result: io::Result<String>) {
    let found = result.unwrap_or_else(|error| explain(&error).to_string());
    println!("  {what:16} {found}");
}

/// The same calls for every family. Only the addresses differ, and they bring the family.
fn exchange(
    kind: Type,
    server: io::Result<SockAddr>,
    client: io::Result<SockAddr>,
) -> io::Result<String> {
    let (wanted, own) = (server?, client?);
    let listener = Socket::new(wanted.domain(), kind, None)?;
    listener.bind(&wanted)?;
    let at = listener.local_addr()?;
    let mut client = Socket::new(wanted.domain(), kind, None)?;
    let (mut server, seen) = if kind == Type::STREAM {
        listener.listen(1)?;
        client.connect(&at)?;
        listener.accept()?
    } else {
        // IP gives a client an address with the first datagram. The Unix domain does not:
        // whoever wants an answer binds a name.
        client.bind(&own)?;
        client.connect(&at)?;
        listener.connect(&client.local_addr()?)?;
        (listener, client.local_addr()?)
    };
    let answer = there_and_back(&mut client, &mut server)?;
    Ok(format!(
        "{answer} from {}, to {}",
        display_addr(&at),
        display_addr(&seen)
    ))
}

/// Two sockets, connected to each other from the start. Neither has a name.
fn pair() -> io::Result<String> {
    let (mut one, mut other) = Socket::pair(Domain::UNIX, Type::STREAM, None)?;
    let answer = there_and_back(&mut one, &mut other)?;
    Ok(format!(
        "{answer} from {}",
        display_addr(&one.local_addr()?)
    ))
}

/// Client and server are both this program: what recv asks for is there already.
fn there_and_back(client: &mut Socket, server: &mut Socket) -> io::Result<String> {
    let mut buffer = [0; 5];
    client.send(b"hello")?;
    let length = server.read(&mut buffer)?;
    server.send(&buffer[..length].to_ascii_uppercase())?;
    let length = client.read(&mut buffer)?;
    Ok(String::from_utf8_lossy(&buffer[..length]).into_owned())
}
