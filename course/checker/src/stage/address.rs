//! An address that a program can have from its first argument only.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::Stage;
use crate::failure::Failure;
use crate::program::Program;
use crate::sockets;

/// The cause where a server listens on all addresses.
const EVERYWHERE: &str = "it listens on all addresses of the machine: anybody in the network \
    reaches it. The program's first argument says on which one";

impl Stage {
    /// As [`Stage::starts_server`], on an address that is not the usual one: on Linux all
    /// of 127.0.0.0/8 is this machine. To listen on all addresses is not enough.
    ///
    /// # Errors
    /// Failure, when it does not listen there, or not only there.
    pub fn starts_server_where_told(&mut self) -> Result<(), Failure> {
        let address = self.unusual_address();
        self.serves(vec![address.to_string()], address, Program::listens)?;
        only_there(address, &sockets::listeners(), "a listener")
    }

    /// As [`Stage::starts_udp_server`], in the same way.
    ///
    /// # Errors
    /// Failure, when its socket is not bound there, or not only there.
    pub fn starts_udp_server_where_told(&mut self) -> Result<(), Failure> {
        let address = self.unusual_address();
        self.serves(vec![address.to_string()], address, Program::receives)?;
        only_there(address, &sockets::receivers(), "a UDP socket")
    }

    /// Expects that the server listens on its address, and not on all of this machine's.
    /// Where the system does not tell, it is believed.
    ///
    /// # Errors
    /// Failure, when it listens on all.
    pub fn listens_there_only(&self) -> Result<(), Failure> {
        only_there(self.address, &sockets::listeners(), "a listener")
    }

    fn unusual_address(&mut self) -> SocketAddr {
        self.address = super::free_address(&mut self.chance);
        if cfg!(target_os = "linux") {
            let ip = Ipv4Addr::new(127, 0, 0, self.chance.u8(2..255));
            self.address.set_ip(IpAddr::V4(ip));
        }
        self.address
    }
}

/// Expects nobody on this port of all addresses.
fn only_there(
    address: SocketAddr,
    bound: &[SocketAddr],
    what: &str,
) -> Result<(), Failure> {
    let everywhere = |other: &&SocketAddr| {
        other.port() == address.port() && other.ip().is_unspecified()
    };
    match bound.iter().find(everywhere) {
        None => Ok(()),
        Some(other) => {
            let expected = format!("{what} on {address}");
            let seen = format!("one on {other}, which is all addresses");
            Err(Failure::new(expected, seen).certain(EVERYWHERE))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_on_all_addresses_is_not_on_the_one_that_was_asked_for() {
        let address = ([127, 0, 0, 2], 20_000).into();
        let of = |text: &str| [text.parse().expect("an address")];
        assert!(only_there(address, &of("127.0.0.2:20000"), "a listener").is_ok());
        assert!(only_there(address, &of("0.0.0.0:20001"), "a listener").is_ok());
        for all in ["0.0.0.0:20000", "[::]:20000"] {
            assert!(only_there(address, &of(all), "a listener").is_err());
        }
    }
}
