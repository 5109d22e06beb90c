//! Exercise socket-kinds (build): which sockets does the kernel make, and which not?
//!
//! Each argument of your program is a kind of socket: FAMILY/TYPE or FAMILY/TYPE/PROTOCOL.
//! The families are inet, inet6 and unix, the types stream, dgram and raw, the protocols
//! tcp, udp, icmp and icmpv6; without one, the kernel chooses. For each kind your program
//! creates a socket, and prints a line: the argument as it came, a space, and `ok`, or the
//! name of the kernel's error, such as EMFILE, or `unknown` for an argument that is no such
//! kind. No refusal ends the program; its exit code is 0. There may be 1400 kinds.
//!
//! Check it:      cargo run -- check socket-kinds
//! Try it:        cargo run -p mine --example socket-kinds -- inet6/dgram inet/dgram/tcp
//!                It prints:  inet6/dgram ok
//!                            inet/dgram/tcp EPROTONOSUPPORT

use std::io;

use shared::explain;
use socket2::Socket;

fn main() {
    for kind in std::env::args().skip(1) {
        let outcome = match create(&kind) {
            None => "unknown".into(),
            Some(Ok(_)) => "ok".into(),
            Some(Err(error)) => name(&error),
        };
        println!("{kind} {outcome}");
    }
}

/// The socket, or the kernel's error; `None` when a word is unknown.
fn create(_kind: &str) -> Option<io::Result<Socket>> {
    todo!(
        "take the words apart, find the Domain, the Type, the Protocol, call Socket::new"
    )
}

/// `explain` knows the name of an error, if it has one.
fn name(error: &io::Error) -> String {
    explain(error).name.unwrap_or_default().into()
}
