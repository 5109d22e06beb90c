//! Help for lesson 02: the numbers of the C header netdb.h that the resolver takes as
//! flags, which std lacks and which differ from system to system; and what it can be
//! asked.

use shared::Error;

#[cfg(unix)]
pub use nix::libc::{AI_CANONNAME, AI_NUMERICHOST, NI_NAMEREQD};

/// getaddrinfo(3): give the official name, too. The number is that of ws2tcpip.h.
#[cfg(windows)]
pub const AI_CANONNAME: i32 = 2;

/// getaddrinfo(3): the name is an address already; ask nobody. ws2tcpip.h.
#[cfg(windows)]
pub const AI_NUMERICHOST: i32 = 4;

/// getnameinfo(3): an address without a name is an error. ws2tcpip.h.
#[cfg(windows)]
pub const NI_NAMEREQD: i32 = 4;

/// What the resolver can be asked, `NAME`, `NAME:SERVICE` or `NAME:PORT`, in its two
/// parts: an IPv6 address stands alone (`::1`), or in brackets (`[::1]:http`).
///
/// # Errors
/// Exit code 2, when a part is empty, or a port above 65535: getaddrinfo(3) of glibc
/// would cut that to 16 bits, and go on with another port.
pub fn name_and_service(text: &str) -> Result<(&str, Option<&str>), Error> {
    let wrong = |why: &str| {
        Error::usage(format!("`{text}` {why}"))
            .hint("write localhost, localhost:http, 127.0.0.1:80, ::1 or [::1]:80")
    };
    let (name, service) = match text.strip_prefix('[') {
        Some(rest) => {
            let (name, rest) = rest.split_once(']').ok_or(wrong("has no `]`"))?;
            match rest.strip_prefix(':') {
                None if !rest.is_empty() => return Err(wrong("has no `:` behind `]`")),
                service => (name, service),
            }
        }
        None if text.matches(':').count() > 1 => (text, None),
        None => match text.split_once(':') {
            Some((name, service)) => (name, Some(service)),
            None => (text, None),
        },
    };
    if name.is_empty() || service == Some("") {
        return Err(wrong("lacks a name, or what belongs behind the colon"));
    }
    // strtoul(3) reads the port, so it may have a sign and leading spaces.
    let digits = service.map(|text| text.trim_start().trim_start_matches('+'));
    let is_port = |text: &&str| text.bytes().all(|byte| byte.is_ascii_digit());
    if digits
        .filter(is_port)
        .is_some_and(|port| port.parse::<u16>().is_err())
    {
        return Err(wrong("is not possible: ports go from 0 to 65535"));
    }
    Ok((name, service))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_have_a_service_and_ipv6_may_stand_alone() {
        for (text, parts) in [
            ("localhost", ("localhost", None)),
            ("localhost:http", ("localhost", Some("http"))),
            ("127.0.0.1:80", ("127.0.0.1", Some("80"))),
            ("::1", ("::1", None)),
            ("[::1]", ("::1", None)),
            ("[fe80::1%eth0]:http", ("fe80::1%eth0", Some("http"))),
        ] {
            let found = name_and_service(text).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(found, parts);
        }
        for wrong in ["", ":80", "a:", "[::1", "[::1]80", "a:65536", "a:+70000"] {
            let error = name_and_service(wrong).expect_err(wrong);
            assert_eq!(error.exit_code(), 2, "{wrong}");
        }
    }
}
