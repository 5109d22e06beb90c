use std::borrow::Cow;
use std::fmt;
use std::io::{self, ErrorKind};

/// An operating system error for a person: what it means, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What happened, in lower case: `connection refused`.
    pub words: Cow<'static, str>,
    /// The name in errno(3), `ECONNREFUSED`, or in getaddrinfo(3), `EAI_NONAME`; none for
    /// errors that have no number.
    pub name: Option<Cow<'static, str>>,
    /// The number of Windows Sockets, where Windows said it: 10061. Its name there is this
    /// one with WSA in front.
    pub wsa: Option<i32>,
    /// What to do, in one sentence.
    pub hint: &'static str,
}

/// `connection refused (ECONNREFUSED)`, and where Windows said it
/// `connection refused (ECONNREFUSED), here WSAECONNREFUSED (10061)`
impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(name) = &self.name else {
            return write!(f, "{}", self.words);
        };
        write!(f, "{} ({name})", self.words)?;
        match self.wsa {
            Some(10035) => write!(f, ", here WSAEWOULDBLOCK (10035)"),
            Some(number) => write!(f, ", here WSA{name} ({number})"),
            None => Ok(()),
        }
    }
}

/// Explains an error of a socket call, of the resolver, or of std's own making.
///
/// Every errno that the lessons meet is in the table; for another one the words are the
/// operating system's.
pub fn explain(error: &io::Error) -> Explanation {
    // glibc can say EAI_SYSTEM, "look at errno", and leave errno at 0 (measured: glibc
    // 2.36, when it gets no descriptor for its question to a name server).
    if error.raw_os_error() == Some(0) {
        return Explanation {
            words: "the resolver failed, and gave no reason".into(),
            name: Some("EAI_SYSTEM".into()),
            wsa: None,
            hint: "it may have no descriptor left (`ulimit -n` shows the limit); try again",
        };
    }
    match name(error) {
        Some(name) => of_errno(error, name),
        None => of_the_resolver(error).unwrap_or_else(|| of_std(error)),
    }
}

/// An error that has a name in errno(3).
fn of_errno(error: &io::Error, name: Cow<'static, str>) -> Explanation {
    let (words, hint) = match in_the_table(&name) {
        Some((words, hint)) => (words.into(), on_windows(hint)),
        None => (
            own_words(error),
            "the operating system gives no more than this; see errno(3)",
        ),
    };
    Explanation {
        words,
        name: Some(name),
        wsa: wsa_number(error),
        hint,
    }
}

/// An error of std's own making: it has a kind, and no number.
fn of_std(error: &io::Error) -> Explanation {
    let hint = match error.kind() {
        ErrorKind::UnexpectedEof => "the peer closed before the end; connect to it again",
        ErrorKind::TimedOut => {
            "the peer is connected, and slow, or waits for something; --timeout allows more"
        }
        ErrorKind::InvalidData => "the peer does not speak this protocol; check the port",
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
            "a host on the way has not passed it on; check the address, and the way to it (tracepath)"
        }
        ErrorKind::ResourceBusy => "the peer has much to do; ask it again in a minute",
        ErrorKind::Unsupported => "this program cannot do that; take another one for it",
        ErrorKind::WriteZero => "nothing more could be written; ask the peer again",
        _ => "--help says how this program is used",
    };
    // std says "failed to fill whole buffer", which is read_exact's view of it.
    let words = match error.kind() {
        ErrorKind::UnexpectedEof if error.get_ref().is_none() => {
            "the stream ended in the middle".into()
        }
        _ => error.to_string().into(),
    };
    Explanation {
        words,
        name: None,
        wsa: None,
        hint,
    }
}

/// The resolver's errors are not in errno(3). On Unix they reach us as words, which each
/// system chooses itself (gai_strerror(3)), on Windows as numbers of WSA's.
fn of_the_resolver(error: &io::Error) -> Option<Explanation> {
    let text = error.to_string();
    // std puts this in front of what getaddrinfo said.
    let said = text.strip_prefix("failed to lookup address information: ");
    let wsa = error.raw_os_error().filter(|_| cfg!(windows));
    let known = RESOLVER.iter().find(|(_, words, number, _)| {
        said.is_some_and(|said| words.contains(&said)) || wsa == Some(*number)
    });
    let own = own_words(error);
    let said = said.or(known.is_some().then_some(&own))?;
    let check = "check the spelling; without a network only the names in /etc/hosts work";
    Some(Explanation {
        words: format!("the resolver says: {said}").into(),
        name: known.map(|(name, ..)| (*name).into()),
        wsa: None,
        hint: known.map_or(check, |(.., hint)| hint),
    })
}

/// Name in getaddrinfo(3), the words of glibc, macOS and musl, the number on Windows,
/// hint.
const RESOLVER: &[(&str, &[&str], i32, &str)] = &[
    (
        "EAI_AGAIN",
        &["Temporary failure in name resolution", "Try again"],
        11002,
        "no name server answered; try again later, or check the network",
    ),
    (
        "EAI_FAIL",
        &[
            "Non-recoverable failure in name resolution",
            "Non-recoverable error",
        ],
        11003,
        "the name server refused to answer; ask another name server",
    ),
    (
        "EAI_NODATA",
        &[
            "No address associated with hostname",
            "No address associated with nodename",
            "Name has no usable address",
        ],
        11004,
        "the name is known, but has no address; ask for another name",
    ),
    (
        "EAI_NONAME",
        &[
            "Name or service not known",
            "nodename nor servname provided, or not known",
            "Name does not resolve",
        ],
        11001,
        "check the spelling; without a network only the names in /etc/hosts work",
    ),
    (
        "EAI_SERVICE",
        &[
            "Servname not supported for ai_socktype",
            "servname not supported for ai_socktype",
            "Unrecognized service",
        ],
        10109,
        "/etc/services lists the services by name; a port number works, too",
    ),
];

/// The name in errno(3). std makes some errors itself, without a number (its
/// `connect_timeout` does): then the name of the errno that means the same.
fn name(error: &io::Error) -> Option<Cow<'static, str>> {
    #[cfg(unix)]
    if let Some(number) = error.raw_os_error() {
        return Some(format!("{:?}", nix::errno::Errno::from_raw(number)).into());
    }
    if let Some(number) = wsa_number(error) {
        return name_of_wsa(number).map(Cow::Borrowed);
    }
    // std's kinds are the same everywhere.
    let name = match error.kind() {
        ErrorKind::AddrInUse => "EADDRINUSE",
        ErrorKind::AddrNotAvailable => "EADDRNOTAVAIL",
        ErrorKind::BrokenPipe => "EPIPE",
        ErrorKind::ConnectionAborted => "ECONNABORTED",
        ErrorKind::ConnectionRefused => "ECONNREFUSED",
        ErrorKind::ConnectionReset => "ECONNRESET",
        ErrorKind::HostUnreachable => "EHOSTUNREACH",
        ErrorKind::NetworkUnreachable => "ENETUNREACH",
        ErrorKind::NotConnected => "ENOTCONN",
        ErrorKind::PermissionDenied => "EACCES",
        ErrorKind::TimedOut => "ETIMEDOUT",
        ErrorKind::WouldBlock => "EAGAIN",
        _ => return None,
    };
    // An error with words of its own ("the peer said nothing for 10 s") keeps them.
    error.get_ref().is_none().then_some(name.into())
}

/// The number, where Windows Sockets knows it.
fn wsa_number(error: &io::Error) -> Option<i32> {
    let number = error.raw_os_error().filter(|_| cfg!(windows))?;
    name_of_wsa(number).map(|_| number)
}

/// The errno that a number of Windows Sockets stands for: "Windows Sockets Error Codes" at
/// learn.microsoft.com.
fn name_of_wsa(number: i32) -> Option<&'static str> {
    let found = WSA.binary_search_by_key(&number, |row| row.0).ok()?;
    Some(WSA[found].1)
}

/// Number and name. The name there has WSA in front; EAGAIN is WSAEWOULDBLOCK.
const WSA: &[(i32, &str)] = &[
    (10004, "EINTR"),
    (10013, "EACCES"),
    (10022, "EINVAL"),
    (10024, "EMFILE"),
    (10035, "EAGAIN"),
    (10036, "EINPROGRESS"),
    (10037, "EALREADY"),
    (10038, "ENOTSOCK"),
    (10039, "EDESTADDRREQ"),
    (10040, "EMSGSIZE"),
    (10041, "EPROTOTYPE"),
    (10042, "ENOPROTOOPT"),
    (10043, "EPROTONOSUPPORT"),
    (10044, "ESOCKTNOSUPPORT"),
    (10045, "EOPNOTSUPP"),
    (10047, "EAFNOSUPPORT"),
    (10048, "EADDRINUSE"),
    (10049, "EADDRNOTAVAIL"),
    (10050, "ENETDOWN"),
    (10051, "ENETUNREACH"),
    (10053, "ECONNABORTED"),
    (10054, "ECONNRESET"),
    (10055, "ENOBUFS"),
    (10056, "EISCONN"),
    (10057, "ENOTCONN"),
    (10060, "ETIMEDOUT"),
    (10061, "ECONNREFUSED"),
    (10065, "EHOSTUNREACH"),
];

/// A hint of the [`TABLE`] with Windows' programs in place of Linux's.
fn on_windows(hint: &'static str) -> &'static str {
    let known = WINDOWS.iter().find(|(linux, _)| hint.contains(linux));
    known
        .filter(|_| cfg!(windows))
        .map_or(hint, |(_, windows)| *windows)
}

/// What a hint names on Linux, and the whole hint on Windows.
const WINDOWS: &[(&str, &str)] = &[
    (
        "`ss -tlnp`",
        "another program may hold this port: `netstat -ano` shows which; end it, or take another port",
    ),
    (
        "`ip addr`",
        "this machine has no such address (or no free port left); `ipconfig` lists the addresses",
    ),
    (
        "`ip link`",
        "the network interface is off; `ipconfig` shows its state",
    ),
    (
        "`ulimit -n`",
        "close sockets that are no longer needed, and try again",
    ),
];

/// std appends ` (os error 111)`: the name says that better.
fn own_words(error: &io::Error) -> Cow<'static, str> {
    let text = error.to_string();
    let end = text.find(" (os error").unwrap_or(text.len());
    text[..end].to_lowercase().into()
}

/// Name and words, and in the next line the hint. Sources: errno(3), and for each name the
/// ERRORS section of the call that returns it (socket(2), bind(2), connect(2), accept(2),
/// send(2), recv(2)).
const TABLE: &str = "
EACCES: permission denied
  a permission or a setting of the system forbids this (see ERRORS in the call's man page)
EADDRINUSE: address already in use
  another program may hold this port: `ss -tlnp` shows which; end it, or take another port
EADDRNOTAVAIL: address not available
  this machine has no such address (or no free port left); `ip addr` lists the addresses
EAFNOSUPPORT: address family not supported
  this system has no support for this family of addresses; try an IPv4 address
EAGAIN: nothing happened in time
  nothing came: the peer is silent, or gone; wait longer, or find out what keeps it busy
EALREADY: operation already in progress
  an earlier connect has not ended yet; wait until the socket is writable
EBADF: bad file descriptor
  this number is not an open descriptor (any more); was the socket closed?
ECONNABORTED: connection aborted
  the client gave up before it was accepted; accept the next one
ECONNREFUSED: connection refused
  nothing listens there; start a server first, or check the port
ECONNRESET: connection reset by the peer
  the peer ended the connection at once and threw away what was under way; try again
EDESTADDRREQ: destination address required
  this socket has no peer; connect it, or say with send_to where the data goes
EEXIST: file exists
  something with this name is there already; choose another name, or remove it
EHOSTUNREACH: host unreachable
  no packet gets through to this host; check the address, and whether the host is up
EINPROGRESS: operation in progress
  the connect goes on in the background; wait until the socket is writable
EINTR: interrupted by a signal
  nothing is broken; make the same call again
EINVAL: invalid argument
  the kernel does not accept this value, or not in the socket's present state
EIO: input/output error
  the device failed; the kernel's log says more
EISCONN: already connected
  this socket has a peer; make a new socket
EISDIR: is a directory
  name a file, not a directory
EMFILE: too many open files in this program
  close sockets that are no longer needed, or raise the limit with `ulimit -n`
EMSGSIZE: message too long
  a datagram carries at most 65,507 bytes over IPv4; send less at a time
ENAMETOOLONG: name too long
  shorten the name or the path
ENETDOWN: network is down
  the network interface is off; `ip link` shows its state
ENETUNREACH: network unreachable
  this machine has no route there; check its network connection, or try another address
ENFILE: too many open files in the whole system
  some program holds very many descriptors; end it, then try again
ENOBUFS: no buffer space available
  the kernel has no memory left for this socket; send more slowly, or try again
ENOENT: no such file or directory
  check the path
ENOMEM: out of memory
  end another program, then try again
ENOPROTOOPT: protocol option not available
  this kind of socket, or this system, does not have this option
ENOSPC: no space left on the device
  free some disk space, then try again
ENOTCONN: not connected
  this socket has no peer (any more); connect it first
ENOTDIR: not a directory
  a part of this path is a file; check the path
ENOTSOCK: not a socket
  this descriptor belongs to a file; use the socket's own
EOPNOTSUPP: operation not supported
  this kind of socket cannot do this; listen and accept are for streams
EPERM: operation not permitted
  this needs a right that you lack: root, or a capability (see capabilities(7))
EPIPE: broken pipe
  the connection is closed for writing: the peer has gone; connect again
EPROTONOSUPPORT: protocol not supported
  this family and type have no such protocol; 0 takes the usual one (raw has none)
EPROTOTYPE: wrong protocol type for this socket
  the protocol belongs to another type: TCP to streams, UDP to datagrams
EROFS: read-only file system
  nothing can be written there; choose another place
ESOCKTNOSUPPORT: socket type not supported
  this family has no such type of socket; take a stream or a datagram socket
ETIMEDOUT: timed out
  nothing came back: the host may be off, or a firewall drops the packets; check both
";

/// What the table says about an errno: words and hint.
fn in_the_table(name: &str) -> Option<(&'static str, &'static str)> {
    let (_, found) = TABLE.split_once(&format!("\n{name}: "))?;
    let (words, rest) = found.split_once("\n  ")?;
    Some((words, rest.lines().next()?))
}

/// What a program was doing, in the words of its error line (`cannot send to 10.0.0.1:9`
/// begins with `cannot send to`, `10.0.0.1 has not answered` ends with `has not answered`),
/// with the error's name, and the hint that is true just there. It goes before the one of
/// [`TABLE`], which has to fit wherever the error can come from.
const HINTS: &[(&str, &str, &str)] = &[
    (
        "cannot listen on",
        "EACCES",
        "the system does not allow this to your user; a server can take a port above 1023",
    ),
    ("cannot listen on", "EINVAL", NAME_THE_INTERFACE),
    ("cannot connect to", "EINVAL", NAME_THE_INTERFACE),
    ("cannot send to", "EINVAL", NAME_THE_INTERFACE),
    ("cannot connect to", "EACCES", NOT_TO_THIS_ADDRESS),
    ("cannot send to", "EACCES", NOT_TO_THIS_ADDRESS),
    (
        "cannot receive an answer",
        "ETIMEDOUT",
        CONNECTED_AND_SILENT,
    ),
    ("cannot send by", "ETIMEDOUT", CONNECTED_AND_SILENT),
    (
        "cannot start",
        "EAGAIN",
        "no thread is left: `ulimit -u`, or a limit of the system; end some programs",
    ),
    (
        "has not answered",
        "EACCES",
        "a host on the way does not let it through (a router, or a firewall); ask its owner",
    ),
    (
        "has not answered",
        "EHOSTUNREACH",
        "a host on the way says so: the other may be off, or the TTL too small for the way",
    ),
    (
        "has not answered",
        "ENETUNREACH",
        "a router on the way has no route there; check the address",
    ),
    (
        "has not answered",
        "ETIMEDOUT",
        "the host may be off, may answer no ping (many do not), or a firewall drops the packets",
    ),
];

/// The connection stands, so no host is off. A server that waits for TLS is silent, too.
const CONNECTED_AND_SILENT: &str = "it is connected, and silent: it may wait for TLS, or \
    speak something else; check the port, or wait longer (--timeout)";

/// connect(2), bind(2), sendto(2) with `fe80::2`: the kernel cannot know on which cable.
const NAME_THE_INTERFACE: &str = "a link-local address (fe80::...) needs its interface: \
    fe80::2%eth0, as `ip link` names it; any other may not be used like this";

/// sendto(2), connect(2): ip(7). A route can forbid it, too (`ip route add prohibit`).
const NOT_TO_THIS_ADDRESS: &str = "a broadcast address needs SO_BROADCAST (lesson 12); or a \
    route of this machine forbids the way: `ip route get` shows it";

/// The hint that belongs to an error of somebody who was doing this. `doing` is what
/// stands in front of the error in the line that the reader sees.
pub(crate) fn hint_while(doing: &str, error: &Explanation) -> &'static str {
    let fits = |(words, name, _): &&(&str, &str, &str)| {
        let doing_it = doing.starts_with(words) || doing.ends_with(words);
        doing_it && error.name.as_deref() == Some(name)
    };
    HINTS.iter().find(fits).map_or(error.hint, |row| row.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The hint of this error, while a program was doing this.
    #[cfg(unix)]
    fn hint(doing: &str, errno: nix::errno::Errno) -> &'static str {
        let error = io::Error::from_raw_os_error(errno as i32);
        hint_while(doing, &explain(&error))
    }

    #[cfg(unix)]
    #[test]
    fn a_hint_is_chosen_by_what_was_being_done() {
        use nix::errno::Errno::{
            EACCES, EAGAIN, EHOSTUNREACH, EINVAL, ENETUNREACH, ETIMEDOUT,
        };
        for (doing, errno, right) in [
            ("cannot listen on 127.0.0.1:80", EACCES, "port above 1023"),
            ("cannot send to 255.255.255.255", EACCES, "SO_BROADCAST"),
            (
                "cannot connect to 10.255.255.255:80",
                EACCES,
                "SO_BROADCAST",
            ),
            ("10.0.9.2 has not answered", EACCES, "on the way"),
            (
                "cannot have a socket for ICMP",
                EACCES,
                "a setting of the system",
            ),
            ("cannot save page.html", EACCES, "a permission"),
            ("cannot send to fe80::2", EINVAL, "fe80::2%eth0"),
            ("cannot connect to [fe80::1]:80", EINVAL, "fe80::2%eth0"),
            ("cannot listen on [fe80::1]:80", EINVAL, "fe80::2%eth0"),
            ("cannot use --ttl 0", EINVAL, "does not accept this value"),
            ("10.0.0.1 has not answered", ETIMEDOUT, "answer no ping"),
            ("cannot receive an answer", ETIMEDOUT, "it is connected"),
            ("cannot send by 127.0.0.1:25", ETIMEDOUT, "it is connected"),
            ("cannot start the pool", EAGAIN, "no thread is left"),
            ("cannot receive a header", EAGAIN, "the peer is silent"),
            ("10.0.0.1 has not answered", EHOSTUNREACH, "on the way"),
            ("10.0.0.1 has not answered", ENETUNREACH, "on the way"),
            (
                "cannot send to 10.0.0.1",
                ENETUNREACH,
                "this machine has no route",
            ),
            ("cannot connect to 10.0.0.1:80", ETIMEDOUT, "firewall drops"),
        ] {
            let hint = hint(doing, errno);
            assert!(hint.contains(right), "{doing}, {errno:?}: {hint}");
            let of_a_server = hint.contains("above 1023");
            let listens = doing.contains("listen") && errno == EACCES;
            assert_eq!(of_a_server, listens, "{doing}: {hint}");
        }
    }

    #[test]
    fn every_row_of_the_hints_is_about_an_error_of_the_table() {
        for (doing, name, hint) in HINTS {
            let (_, usual) = in_the_table(name).expect(name);
            assert_ne!(*hint, usual, "{doing}, {name}: the row says nothing new");
        }
    }

    #[test]
    fn windows_numbers_are_in_order_and_have_names_of_the_table() {
        assert!(WSA.is_sorted_by_key(|row| row.0));
        for (number, name) in WSA {
            assert!(in_the_table(name).is_some(), "{number}: {name}");
            assert_eq!(name_of_wsa(*number), Some(*name));
        }
        assert_eq!(name_of_wsa(10046), None);
    }

    #[test]
    fn a_hint_for_windows_stands_for_one_of_the_table() {
        for (linux, _) in WINDOWS {
            assert!(TABLE.contains(linux), "{linux}");
        }
    }

    #[test]
    fn windows_name_and_number_stand_beside_the_errno() {
        let explanation = Explanation {
            words: "connection refused".into(),
            name: Some("ECONNREFUSED".into()),
            wsa: Some(10061),
            hint: "",
        };
        assert_eq!(
            explanation.to_string(),
            "connection refused (ECONNREFUSED), here WSAECONNREFUSED (10061)"
        );
    }

    /// The names in the table.
    fn names() -> Vec<&'static str> {
        let entries = TABLE.trim().lines().step_by(2);
        entries.filter_map(|line| line.split(": ").next()).collect()
    }

    #[test]
    fn the_table_is_sorted_and_has_words_and_a_hint_for_each_name() {
        assert!(names().is_sorted_by(|one, next| one < next));
        for name in names() {
            let (words, hint) = in_the_table(name).expect(name);
            assert!(!words.is_empty() && !hint.is_empty(), "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn every_name_in_the_table_is_an_errno_of_this_system() {
        let known: Vec<_> = (1..200)
            .map(|number| format!("{:?}", nix::errno::Errno::from_raw(number)))
            .collect();
        for name in names() {
            assert!(known.iter().any(|known| known == name), "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn an_error_number_is_explained_by_name() {
        let error = io::Error::from_raw_os_error(nix::errno::Errno::EADDRINUSE as i32);
        assert_eq!(
            explain(&error).to_string(),
            "address already in use (EADDRINUSE)"
        );
    }

    #[test]
    fn the_resolver_is_quoted_and_its_words_have_hints() {
        let said = "Temporary failure in name resolution";
        let text = format!("failed to lookup address information: {said}");
        let explanation = explain(&io::Error::other(text));
        assert_eq!(
            explanation.to_string(),
            format!("the resolver says: {said} (EAI_AGAIN)")
        );
        assert!(explanation.hint.starts_with("no name server answered"));
    }

    #[test]
    fn what_the_resolver_of_this_system_says_has_a_name() {
        use std::net::ToSocketAddrs;
        // Nobody there, or nobody to ask.
        let error = ("x.invalid", 80).to_socket_addrs().expect_err("no name");
        let explanation = explain(&error);
        let name = explanation.name.as_deref().unwrap_or_default();
        assert!(name.starts_with("EAI_"), "{error}: {explanation}");
    }

    #[test]
    fn an_error_of_stds_own_making_is_explained_too() {
        let error = io::Error::from(ErrorKind::TimedOut);
        assert_eq!(explain(&error).to_string(), "timed out (ETIMEDOUT)");
        let error = io::Read::read_exact(&mut &b"ab"[..], &mut [0; 3]);
        assert_eq!(
            explain(&error.expect_err("one byte is missing")).to_string(),
            "the stream ended in the middle"
        );
        let error = io::Error::new(ErrorKind::TimedOut, "the peer said nothing for 10 s");
        assert_eq!(
            explain(&error).to_string(),
            "the peer said nothing for 10 s"
        );
    }
}
