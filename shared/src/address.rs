use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs};
use std::str::FromStr;
use std::time::Duration;

use socket2::SockAddr;

use crate::{Context, Error};

/// The `HOST:PORT` of the command line: a name, an IPv4 address or an `[IPv6]` address,
/// and a port from 0 to 65535 (0 lets the kernel choose when a server binds it).
///
/// An IPv6 address stands in brackets (RFC 3986 section 3.2.2), and may carry a scope,
/// the network interface that a link-local address belongs to: `[fe80::1%eth0]:80` (RFC
/// 4007).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// A name or an address, without brackets.
    pub host: String,
    /// The port, in host byte order.
    pub port: u16,
}

impl Address {
    /// Every socket address that the host has, in the order in which the resolver
    /// recommends to try them (RFC 6724). Never empty.
    ///
    /// # Errors
    /// The resolver's own, in its own words, where the name has no address
    /// (getaddrinfo(3)).
    pub fn resolve(&self) -> io::Result<Vec<SocketAddr>> {
        // getaddrinfo does the work, scopes like %eth0 included.
        let addresses: Vec<_> =
            (self.host.as_str(), self.port).to_socket_addrs()?.collect();
        if addresses.is_empty() {
            return Err(io::Error::other("the name has no address"));
        }
        Ok(addresses)
    }

    /// The first of [`resolve`](Self::resolve)'s addresses: what a server binds.
    ///
    /// # Errors
    /// As [`resolve`](Self::resolve), with the name in front.
    pub fn first(&self) -> Result<SocketAddr, Error> {
        let addresses = self.resolve();
        Ok(addresses.context(format!("cannot resolve {}", self.host))?[0])
    }

    /// The value of HTTP's `Host`: which of its sites a web server shall show. Port 80
    /// goes without saying, and the scope of a link-local address means nothing to the
    /// peer (RFC 9110 section 7.2, RFC 6874 section 4).
    pub fn for_host_header(&self) -> String {
        let host = self.host.split('%').take(1).collect();
        let all = Self { host, ..*self }.to_string();
        all.strip_suffix(":80").unwrap_or(&all).to_string()
    }

    /// Connects to the first address that answers, as lesson 03 does by hand, with
    /// `timeout` for each: for the lessons after that one.
    ///
    /// # Errors
    /// The resolver's, or the last address's, with the address in front.
    pub fn connect(&self, timeout: Duration) -> Result<TcpStream, Error> {
        let candidates = self.resolve();
        let mut last = io::Error::other("there is no address to try");
        for address in candidates.context(format!("cannot resolve {}", self.host))? {
            match TcpStream::connect_timeout(&address, timeout) {
                // Connected to itself: nothing listens there, and the kernel chose our
                // port to be the same.
                Ok(stream) if stream.local_addr().is_ok_and(|own| own == address) => {
                    last = io::ErrorKind::ConnectionRefused.into();
                }
                Ok(stream) => return Ok(stream),
                Err(error) => last = error,
            }
        }
        Err(last).context(format!("cannot connect to {self}"))
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        let host = match address {
            SocketAddr::V4(v4) => v4.ip().to_string(),
            SocketAddr::V6(v6) if v6.scope_id() != 0 => {
                format!("{}%{}", v6.ip(), v6.scope_id())
            }
            SocketAddr::V6(v6) => v6.ip().to_string(),
        };
        Self {
            host,
            port: address.port(),
        }
    }
}

impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if let Some((scheme, rest)) = text.split_once("://") {
            return Err(is_a_url(text, scheme, rest));
        }
        let Some((host, port)) = text.rsplit_once(':') else {
            return Err(wrong(format!("`{text}` is not HOST:PORT: it has no port")));
        };
        let inside = host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        let host = match inside {
            Some(inside) => inside,
            None if host.contains([':', '[', ']']) => {
                return Err(if text.parse::<Ipv6Addr>().is_ok() {
                    wrong(format!("`{text}` is not HOST:PORT: IPv6 goes in brackets"))
                } else {
                    wrong(format!("`{text}` is not HOST:PORT: too many colons"))
                });
            }
            None => host,
        };
        if host.is_empty() {
            return Err(wrong(format!("`{text}` is not HOST:PORT: it has no host")));
        }
        Ok(Self {
            host: host.to_string(),
            port: parse_port(port)?,
        })
    }
}

fn wrong(what: String) -> Error {
    Error::usage(what)
        .hint("write HOST:PORT, as in localhost:8888, 127.0.0.1:8888 or [::1]:8888")
}

/// The error for a URL, with the host and the port that are in it.
fn is_a_url(text: &str, scheme: &str, rest: &str) -> Error {
    let host = rest.split('/').next().unwrap_or_default();
    let port = match scheme {
        _ if host.rsplit(']').next().is_some_and(|end| end.contains(':')) => "",
        "http" => ":80",
        "https" => ":443",
        _ => ":PORT",
    };
    wrong(format!("`{text}` is not HOST:PORT: it is a URL"))
        .hint(format!("write only the host and the port: {host}{port}"))
}

fn parse_port(port: &str) -> Result<u16, Error> {
    // `"+80".parse::<u16>()` would be 80: digits only.
    let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    match port.parse() {
        Ok(port) if digits => Ok(port),
        _ if digits => Err(wrong(format!(
            "`{port}` is not a port: ports go from 0 to 65535"
        ))),
        _ => Err(wrong(format!("`{port}` is not a port: a port is a number"))),
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// The address under which this machine itself reaches a listener: loopback in place of
/// the unspecified address. `0.0.0.0` and `[::]` mean "every address of this machine" to
/// bind; for connect they have no meaning everywhere.
pub fn reachable(listener: SocketAddr) -> SocketAddr {
    let ip = match listener.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    let mut address = listener;
    address.set_ip(ip);
    address
}

/// A socket address as it is written, `127.0.0.1:8888`, `[::1]:8888`, a path or an
/// abstract `@name` (unix(7)), where socket2 gives it in the kernel's own form.
pub fn display_addr(address: &SockAddr) -> String {
    if let Some(address) = address.as_socket() {
        return address.to_string();
    }
    #[cfg(unix)]
    if let Some(path) = address.as_pathname() {
        return path.display().to_string();
    }
    #[cfg(unix)]
    if let Some(name) = address.as_abstract_namespace() {
        return format!("@{}", name.escape_ascii());
    }
    "an address without a name".to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_printed_as_it_was_typed() {
        for text in [
            "localhost:80",
            "127.0.0.1:0",
            "[::1]:65535",
            "[fe80::1%eth0]:7",
        ] {
            let address: Address = text.parse().unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(address.to_string(), text);
        }
    }

    #[test]
    fn what_is_not_an_address_says_why_and_what_to_type() {
        for (text, why) in [
            ("nonsense", "no port"),
            ("localhost:", "a port is a number"),
            (":80", "no host"),
            ("127.0.0.1:70000", "0 to 65535"),
            ("127.0.0.1:+80", "a port is a number"),
            ("::1", "brackets"),
            ("a:b:80", "too many colons"),
            ("http://example.com/", "it is a URL"),
        ] {
            let error = text.parse::<Address>().expect_err(text);
            assert!(error.to_string().contains(why), "{text}: {error}");
            assert_eq!(error.exit_code(), 2);
        }
    }

    #[test]
    fn a_url_is_answered_with_what_to_type_instead() {
        for (text, instead) in [
            ("http://example.com/", "example.com:80"),
            ("https://example.com/a:b", "example.com:443"),
            ("http://localhost:8000/notes.txt", "localhost:8000"),
            ("http://[::1]", "[::1]:80"),
            ("ftp://example.com", "example.com:PORT"),
        ] {
            let error = text.parse::<Address>().expect_err(text);
            let hint = format!("\nhint: write only the host and the port: {instead}");
            assert!(error.report().ends_with(&hint), "{}", error.report());
        }
    }

    #[test]
    fn the_host_header_has_brackets_and_a_port_where_they_are_needed() {
        for (address, value) in [
            ("localhost:80", "localhost"),
            ("localhost:8080", "localhost:8080"),
            ("[::1]:80", "[::1]"),
            ("[fe80::1%eth0]:8000", "[fe80::1]:8000"),
        ] {
            let address: Address = address.parse().expect("an address");
            assert_eq!(address.for_host_header(), value);
        }
    }

    #[test]
    fn a_listener_is_reached_from_here_by_an_address_that_connect_knows() {
        for (listener, reached) in [
            ("0.0.0.0:8888", "127.0.0.1:8888"),
            ("[::]:8888", "[::1]:8888"),
            ("127.0.0.2:8888", "127.0.0.2:8888"),
            ("[fe80::1%1]:8888", "[fe80::1%1]:8888"),
        ] {
            let listener: SocketAddr = listener.parse().expect("an address");
            assert_eq!(reachable(listener).to_string(), reached);
        }
    }

    #[test]
    fn a_scoped_address_resolves_to_its_scope() {
        let address: Address = "[fe80::1%1]:80".parse().expect("an address");
        let SocketAddr::V6(v6) = address.resolve().expect("numeric")[0] else {
            panic!("IPv6 expected");
        };
        assert_eq!(v6.scope_id(), 1);
        assert_eq!(
            Address::from(SocketAddr::V6(v6)).to_string(),
            "[fe80::1%1]:80"
        );
    }
}
