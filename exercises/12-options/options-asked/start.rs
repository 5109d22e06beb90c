//! Exercise options-asked (build): set options, and say what the kernel made of each.
//!
//! The arguments of your program are settings, such as SO_RCVBUF=10000 TCP_NODELAY=1. It
//! makes one TCP socket, goes through the arguments in their order, and prints one line
//! for each:
//!
//!     SO_RCVBUF=10000   set it to 10000, then ask:     SO_RCVBUF 20000
//!     SO_RCVBUF         only ask:                      SO_RCVBUF 20000
//!     SO_NONSENSE=1     there is no such option:       SO_NONSENSE unknown
//!     IP_TTL=1000       the kernel does not want it:   IP_TTL refused
//!
//! The line is printed with what holds right after its own setting. After the last line
//! the program ends with exit code 0. The options that it knows:
//!
//!     SO_RCVBUF, SO_SNDBUF                      bytes
//!     SO_KEEPALIVE, SO_REUSEADDR, TCP_NODELAY   0 is off, and 1 is on
//!     SO_RCVTIMEO                               whole milliseconds; 0: no timeout
//!     IP_TTL                                    routers
//!
//! A value is always a whole number from 0 to 2000000000.
//!
//! Check it:      cargo run -- check options-asked
//! Try it:        cargo run -p mine --example options-asked -- SO_RCVBUF=10000 IP_TTL

use std::io;

use socket2::{Domain, Socket, Type};

fn main() -> io::Result<()> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    for setting in std::env::args().skip(1) {
        let (name, wish) = match setting.split_once('=') {
            Some((name, wish)) => (name, wish.parse().ok()),
            None => (setting.as_str(), None),
        };
        println!("{name} {}", answer(&socket, name, wish));
    }
    Ok(())
}

/// Sets the option where there is a wish, asks the kernel, and says what it said.
fn answer(_socket: &Socket, _name: &str, _wish: Option<usize>) -> String {
    todo!("set, ask, and say the number, or `unknown`, or `refused`")
}
