// ANCHOR: all
//! Lesson 02: ask the resolver for addresses, ports and names.
//!
//!     cargo run -p resolve
//!     cargo run -p resolve -- example.com:https
//!     cargo run -p resolve -- --reverse 127.0.0.1
//!     cargo run -p resolve -- --host

use std::io;
use std::net::IpAddr;
use std::process::ExitCode;

use dns_lookup::{AddrInfo, AddrInfoHints, SockType};
use dns_lookup::{get_hostname, getaddrinfo, getnameinfo};
use shared::{Args, Context, Error, exit_on_ctrl_c, println};

mod netdb;
use netdb::{AI_CANONNAME, AI_NUMERICHOST, NI_NAMEREQD, name_and_service};

const HELP: &str = "\
Asks the resolver for names, addresses and services.

usage: resolve [NAME[:SERVICE] | --reverse ADDRESS[:PORT] | --host]

  NAME[:SERVICE]            the addresses of a name; without it, of localhost
  --reverse ADDRESS[:PORT]  the name of an address
  --host                    this machine's name, its full name and its addresses

example: cargo run -p resolve -- example.com:https
";

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    exit_on_ctrl_c()?; // a name server may keep us waiting
    let address = args.values("reverse").last();
    match (args.positional(), address, args.flag("host")) {
        (None, None, false) => localhost(),
        (Some(name), None, false) => forward(name),
        (None, Some(address), false) => reverse(address),
        (None, None, true) => host(),
        _ => Err(Error::usage("one question at a time, please")),
    }
}

/// What works on every machine, with no network at all.
fn localhost() -> shared::Result<()> {
    forward("localhost")?;
    println!("\nservices by name, and the two bytes of each port");
    for service in ["ssh", "domain", "http", "https"] {
        match look_up("localhost", Some(service), 0) {
            Ok(found) => show_port(service, found[0].sockaddr.port()),
            Err(error) => println!("  {service:8} {error}"),
        }
    }
    Ok(())
}

fn forward(question: &str) -> shared::Result<()> {
    let (name, service) = name_and_service(question)?;
    let found = look_up(name, service, 0)?;
    println!("{name}: {} found, in the order to try them", found.len());
    for info in &found {
        // The bytes of an address are in network order from the start.
        let (family, bytes) = match info.sockaddr.ip() {
            IpAddr::V4(ip) => ("IPv4", hex(&ip.octets())),
            IpAddr::V6(ip) => ("IPv6", hex(&ip.octets())),
        };
        println!("  {family} {:20} {bytes}", info.sockaddr);
    }
    if let Some(service) = service {
        show_port(service, found[0].sockaddr.port());
    }
    Ok(())
}

fn show_port(service: &str, port: u16) {
    // Network byte order is big-endian: the big end, worth 256 each, goes first.
    let (wire, memory) = (hex(&port.to_be_bytes()), hex(&port.to_ne_bytes()));
    println!("  {service:8} port {port:<4} on the wire: {wire}  in memory: {memory}");
}

fn hex(bytes: &[u8]) -> String {
    let bytes: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(" ")
}

/// getaddrinfo(3): the addresses of a name, at least one, with the port of a service.
fn look_up(
    name: &str,
    service: Option<&str>,
    flags: i32,
) -> shared::Result<Vec<AddrInfo>> {
    let hints = AddrInfoHints {
        // Without a type each address would come three times: for streams, for
        // datagrams and for raw sockets.
        socktype: SockType::Stream.into(),
        flags,
        ..AddrInfoHints::default()
    };
    let what = match service {
        Some(service) => format!("cannot resolve {name}:{service}"),
        None => format!("cannot resolve {name}"),
    };
    // The resolver has errors of its own. `context` wants an io::Error.
    let list = getaddrinfo(Some(name), service, Some(hints)).map_err(io::Error::from);
    let mut found = Vec::new();
    for info in list.context(&what)? {
        found.push(info.context(&what)?);
    }
    Ok(found)
}

fn reverse(question: &str) -> shared::Result<()> {
    let (address, service) = name_and_service(question)?;
    // AI_NUMERICHOST: this is an address already, so nobody is asked.
    let found = look_up(address, service, AI_NUMERICHOST).map_err(|error| {
        Error::usage(error.to_string()).hint("--reverse takes an address")
    })?;
    // getnameinfo(3) is the way back. NI_NAMEREQD: no name is an error, where it would
    // otherwise give us the address again.
    let (name, service) = getnameinfo(&found[0].sockaddr, NI_NAMEREQD)
        .map_err(io::Error::from)
        .context(format!("cannot find a name for {address}"))?;
    println!("address {address} has the name {name}");
    if found[0].sockaddr.port() != 0 {
        show_port(&service, found[0].sockaddr.port());
    }
    Ok(())
}

fn host() -> shared::Result<()> {
    let name = get_hostname().context("cannot read this machine's name")?;
    println!("host name: {name}");
    // AI_CANONNAME: the first answer carries the official name, the full one, too.
    let found = look_up(&name, None, AI_CANONNAME)?;
    let full = found[0].canonname.as_deref().unwrap_or(&name);
    println!("full name: {full}");
    forward(&name)
}
