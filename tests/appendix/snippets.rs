//! The Rust column of the appendix *From Python and C to Rust*.
//!
//! Between ANCHOR and ANCHOR_END stands what the page shows. Around it, the test gives the
//! line a real socket to work on, and looks at what it did. `snippets.py` and `snippets.c`
//! are the other two columns, and have the same anchors.

use std::error::Error;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{
    IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs,
    UdpSocket,
};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use dns_lookup::{AddrInfoHints, get_hostname, getaddrinfo, getnameinfo, lookup_addr};
use nix::libc::AI_CANONNAME;
use nix::poll::{PollFd, PollFlags, poll};
use nix::sys::select::{FdSet, select};
use nix::sys::time::TimeVal;
use socket2::{Domain, SockAddr, Socket, Type};
use tests::{ANSWER, peer};

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

fn stream() -> io::Result<Socket> {
    Socket::new(Domain::IPV4, Type::STREAM, None)
}

fn loopback() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

/// The two ends of a connection over loopback, with deadlines.
fn connection() -> io::Result<(Socket, TcpStream)> {
    let (listener, address) = peer::listener();
    let ours = peer::connect(address);
    let (theirs, _) = listener.accept()?;
    Ok((ours.into(), peer::with_deadlines(theirs)))
}

/// Two UDP sockets on loopback, with deadlines, and the address of the second.
fn two_datagram_sockets() -> io::Result<(UdpSocket, UdpSocket, SocketAddr)> {
    let (one, two) = (UdpSocket::bind(loopback())?, UdpSocket::bind(loopback())?);
    for socket in [&one, &two] {
        socket.set_read_timeout(Some(ANSWER))?;
    }
    let address = two.local_addr()?;
    Ok((one, two, address))
}

// ---- A socket and its end --------------------------------------------------------------

#[test]
fn socket_makes_one_of_the_family_and_type_that_were_asked_for() -> Result {
    // ANCHOR: socket
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    // ANCHOR_END: socket
    let own = socket.local_addr()?.as_socket().expect("an IP address");
    assert!(own.is_ipv4());
    assert_eq!(socket.r#type()?, Type::STREAM);
    Ok(())
}

#[test]
fn socketpair_makes_two_that_are_connected() -> Result {
    // ANCHOR: socketpair
    let (mut one, mut two) = Socket::pair(Domain::UNIX, Type::STREAM, None)?;
    // ANCHOR_END: socketpair
    one.write_all(b"hello")?;
    assert_eq!(peer::read_bytes(&mut two, 5), b"hello");
    Ok(())
}

#[test]
fn drop_closes_and_the_peer_sees_the_end() -> Result {
    let (socket, mut peer) = connection()?;
    // ANCHOR: close
    drop(socket);
    // ANCHOR_END: close
    assert_eq!(peer::read_to_end(&mut peer), b"");
    Ok(())
}

#[test]
fn shutdown_ends_one_direction_and_the_other_goes_on() -> Result {
    let (mut socket, mut peer) = connection()?;
    // ANCHOR: shutdown
    socket.shutdown(Shutdown::Write)?;
    // ANCHOR_END: shutdown
    assert_eq!(peer::read_to_end(&mut peer), b"");
    peer.write_all(b"still here")?;
    assert_eq!(peer::read_bytes(&mut socket, 10), b"still here");
    Ok(())
}

#[test]
fn fileno_is_the_descriptors_number() -> Result {
    let socket = stream()?;
    // ANCHOR: fileno
    let number = socket.as_raw_fd();
    // ANCHOR_END: fileno
    assert!(
        number > 2,
        "0, 1 and 2 are standard input, output and error"
    );
    Ok(())
}

#[test]
fn fromfd_makes_a_second_descriptor_of_the_same_connection() -> Result {
    let (first, mut peer) = connection()?;
    let descriptor = first.as_fd();
    // ANCHOR: fromfd
    let mut socket = Socket::from(descriptor.try_clone_to_owned()?);
    // ANCHOR_END: fromfd
    assert_ne!(socket.as_raw_fd(), first.as_raw_fd());
    drop(first);
    socket.write_all(b"hello")?;
    assert_eq!(peer::read_bytes(&mut peer, 5), b"hello");
    Ok(())
}

#[test]
fn detach_gives_the_descriptor_away_and_a_socket_can_take_it_over() -> Result {
    let (socket, mut peer) = connection()?;
    let number = socket.as_raw_fd();
    // ANCHOR: detach
    let descriptor = OwnedFd::from(socket);
    // ANCHOR_END: detach
    // ANCHOR: from_descriptor
    let mut socket = Socket::from(descriptor);
    // ANCHOR_END: from_descriptor
    assert_eq!(socket.as_raw_fd(), number);
    socket.write_all(b"hello")?;
    assert_eq!(peer::read_bytes(&mut peer, 5), b"hello");
    Ok(())
}

#[test]
fn try_clone_is_dup_and_only_the_last_one_closes() -> Result {
    let (socket, mut peer) = connection()?;
    // ANCHOR: dup
    let mut second = socket.try_clone()?;
    // ANCHOR_END: dup
    drop(socket);
    second.write_all(b"hello")?;
    drop(second);
    assert_eq!(peer::read_to_end(&mut peer), b"hello");
    Ok(())
}

// ---- Names and addresses ---------------------------------------------------------------

#[test]
fn an_address_is_an_ip_and_a_port() {
    // ANCHOR: address
    let address = SocketAddr::from(([127, 0, 0, 1], 8888));
    // ANCHOR_END: address
    assert_eq!(address.to_string(), "127.0.0.1:8888");
}

#[test]
fn getaddrinfo_gives_every_address_of_a_name() -> Result {
    // ANCHOR: getaddrinfo
    let addresses = ("localhost", 8888).to_socket_addrs()?;
    // ANCHOR_END: getaddrinfo
    let addresses: Vec<_> = addresses.collect();
    assert!(addresses.contains(&SocketAddr::from(([127, 0, 0, 1], 8888))));
    Ok(())
}

#[test]
fn gethostbyname_is_the_first_ipv4_address_among_them() -> Result {
    let mut addresses = ("localhost", 8888).to_socket_addrs()?;
    // ANCHOR: gethostbyname
    let first = addresses.find(SocketAddr::is_ipv4);
    // ANCHOR_END: gethostbyname
    assert_eq!(first.expect("localhost has one").ip(), Ipv4Addr::LOCALHOST);
    Ok(())
}

#[test]
fn gethostbyaddr_is_the_name_of_an_address() -> Result {
    let ip = IpAddr::from(Ipv4Addr::LOCALHOST);
    // ANCHOR: gethostbyaddr
    let name = lookup_addr(&ip)?;
    // ANCHOR_END: gethostbyaddr
    assert!(!name.is_empty());
    Ok(())
}

#[test]
fn getnameinfo_is_the_name_and_the_service_of_an_address() -> Result {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 80));
    // ANCHOR: getnameinfo
    let (name, service) = getnameinfo(&address, 0)?;
    // ANCHOR_END: getnameinfo
    assert!(!name.is_empty());
    assert!(["http", "80"].contains(&service.as_str()), "{service}");
    Ok(())
}

#[test]
fn getservbyname_is_a_part_of_getaddrinfo() -> Result {
    if !std::path::Path::new("/etc/services").exists() {
        tests::skip("this machine has no list of services");
        return Ok(());
    }
    // ANCHOR: getservbyname
    let found = getaddrinfo(None, Some("http"), None)?;
    // ANCHOR_END: getservbyname
    let found: Vec<_> = found.collect::<io::Result<_>>()?;
    assert_eq!(found[0].sockaddr.port(), 80);
    Ok(())
}

#[test]
fn getfqdn_is_the_canonical_name_of_the_own_name() -> Result {
    let own = get_hostname()?;
    let mut hints = AddrInfoHints {
        socktype: 1, // SOCK_STREAM, so that no address comes twice
        ..AddrInfoHints::default()
    };
    // ANCHOR: getfqdn
    hints.flags = AI_CANONNAME;
    // ANCHOR_END: getfqdn
    // ANCHOR: getfqdn_ask
    let found = getaddrinfo(Some(&own), None, Some(hints));
    // ANCHOR_END: getfqdn_ask
    // A machine may have a name that no name server and no file knows.
    if let Ok(mut found) = found {
        let first = found.next().expect("never an empty list")?;
        assert!(first.canonname.is_some_and(|name| !name.is_empty()));
    }
    Ok(())
}

#[test]
fn gethostname_is_what_the_kernel_calls_this_machine() -> Result {
    // ANCHOR: gethostname
    let name = get_hostname()?;
    // ANCHOR_END: gethostname
    assert!(!name.is_empty());
    #[cfg(target_os = "linux")]
    assert_eq!(
        name,
        std::fs::read_to_string("/proc/sys/kernel/hostname")?.trim_end()
    );
    Ok(())
}

#[test]
fn parse_is_inet_pton() -> Result {
    // ANCHOR: inet_pton
    let ip: IpAddr = "127.0.0.1".parse()?;
    // ANCHOR_END: inet_pton
    assert_eq!(ip, Ipv4Addr::new(127, 0, 0, 1));
    Ok(())
}

#[test]
fn to_string_is_inet_ntop() {
    let ip = Ipv4Addr::from([192, 0, 2, 1]);
    // ANCHOR: inet_ntop
    let text = ip.to_string();
    // ANCHOR_END: inet_ntop
    assert_eq!(text, "192.0.2.1");
}

#[test]
fn to_be_bytes_is_htons_and_from_be_bytes_is_ntohs() {
    // ANCHOR: htons
    let bytes = 8888_u16.to_be_bytes();
    // ANCHOR_END: htons
    assert_eq!(bytes, [0x22, 0xb8]);
    // ANCHOR: ntohs
    let port = u16::from_be_bytes(bytes);
    // ANCHOR_END: ntohs
    assert_eq!(port, 8888);
}

#[test]
fn to_be_bytes_is_htonl_and_from_be_bytes_is_ntohl() {
    // ANCHOR: htonl
    let bytes = 258_u32.to_be_bytes();
    // ANCHOR_END: htonl
    assert_eq!(bytes, [0, 0, 1, 2]);
    // ANCHOR: ntohl
    let number = u32::from_be_bytes(bytes);
    // ANCHOR_END: ntohl
    assert_eq!(number, 258);
}

// ---- The client ------------------------------------------------------------------------

#[test]
fn connect_does_the_handshake() -> Result {
    let (listener, address) = peer::listener();
    let socket = stream()?;
    // ANCHOR: connect
    socket.connect(&SockAddr::from(address))?;
    // ANCHOR_END: connect
    let (_, from) = listener.accept()?;
    assert_eq!(socket.local_addr()?.as_socket(), Some(from));
    Ok(())
}

#[test]
fn connect_ex_is_the_result_without_the_question_mark() -> Result {
    let address = SockAddr::from(peer::dead_port());
    let socket = stream()?;
    // ANCHOR: connect_ex
    let result = socket.connect(&address);
    // ANCHOR_END: connect_ex
    let error = result.expect_err("nothing listens there");
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    assert_eq!(
        error.raw_os_error(),
        Some(nix::errno::Errno::ECONNREFUSED as i32)
    );
    Ok(())
}

#[test]
fn connect_timeout_gives_up() -> Result {
    let (_listener, address) = peer::listener();
    let address = SockAddr::from(address);
    let socket = stream()?;
    // ANCHOR: connect_timeout
    socket.connect_timeout(&address, Duration::from_secs(5))?;
    // ANCHOR_END: connect_timeout
    assert_eq!(socket.peer_addr()?.as_socket(), address.as_socket());
    Ok(())
}

#[test]
fn create_connection_tries_every_address_of_a_name() -> Result {
    let (_listener, address) = peer::listener();
    let port = address.port();
    // ANCHOR: create_connection
    let stream = TcpStream::connect(("localhost", port))?;
    // ANCHOR_END: create_connection
    assert_eq!(stream.peer_addr()?, address);
    Ok(())
}

#[test]
fn getsockname_and_getpeername_are_the_two_ends() -> Result {
    let (socket, peer) = connection()?;
    // ANCHOR: getsockname
    let own = socket.local_addr()?;
    // ANCHOR_END: getsockname
    assert_eq!(own.as_socket(), Some(peer.peer_addr()?));
    // ANCHOR: getpeername
    let theirs = socket.peer_addr()?;
    // ANCHOR_END: getpeername
    assert_eq!(theirs.as_socket(), Some(peer.local_addr()?));
    Ok(())
}

// ---- The server ------------------------------------------------------------------------

#[test]
fn bind_listen_and_accept_make_a_server() -> Result {
    let (address, socket) = (SockAddr::from(loopback()), stream()?);
    // ANCHOR: bind
    socket.bind(&address)?;
    // ANCHOR_END: bind
    // ANCHOR: listen
    socket.listen(128)?;
    // ANCHOR_END: listen
    let bound = socket.local_addr()?.as_socket().expect("an IP address");
    let mut peer = peer::connect(bound);
    // ANCHOR: accept
    let (mut client, from) = socket.accept()?;
    // ANCHOR_END: accept
    assert_eq!(from.as_socket(), Some(peer.local_addr()?));
    client.write_all(b"hello")?;
    assert_eq!(peer::read_bytes(&mut peer, 5), b"hello");
    Ok(())
}

#[test]
fn create_server_is_socket_bind_and_listen_in_one() -> Result {
    let address = loopback();
    // ANCHOR: create_server
    let listener = TcpListener::bind(address)?;
    // ANCHOR_END: create_server
    drop(peer::connect(listener.local_addr()?));
    listener.accept()?;
    Ok(())
}

#[test]
fn reuse_address_is_set_before_bind() -> Result {
    let socket = stream()?;
    assert!(!socket.reuse_address()?);
    // ANCHOR: reuse_address
    socket.set_reuse_address(true)?;
    // ANCHOR_END: reuse_address
    assert!(socket.reuse_address()?);
    Ok(())
}

// ---- Bytes -----------------------------------------------------------------------------

#[test]
fn send_says_how_many_bytes_the_kernel_took() -> Result {
    let (socket, mut peer) = connection()?;
    // ANCHOR: send
    let count = socket.send(b"hello")?;
    // ANCHOR_END: send
    assert_eq!(peer::read_bytes(&mut peer, count), b"hello");
    Ok(())
}

#[test]
fn sendall_sends_all_however_often_it_must_send() -> Result {
    let (mut socket, mut peer) = connection()?;
    let message = vec![7; 4_000_000]; // more than the kernel takes at once
    let reading = thread::spawn(move || peer::read_to_end(&mut peer).len());
    // ANCHOR: sendall
    socket.write_all(&message)?;
    // ANCHOR_END: sendall
    drop(socket);
    assert_eq!(reading.join().expect("no panic"), 4_000_000);
    Ok(())
}

#[test]
fn recv_gives_what_is_there_up_to_the_size_of_the_buffer() -> Result {
    let (mut socket, mut peer) = connection()?;
    peer.write_all(b"hello")?;
    // ANCHOR: recv_buffer
    let mut buffer = [0; 1024];
    // ANCHOR_END: recv_buffer
    // ANCHOR: recv
    let count = socket.read(&mut buffer)?;
    // ANCHOR_END: recv
    assert_eq!(&buffer[..count], b"hello");
    drop(peer);
    assert_eq!(
        socket.read(&mut buffer)?,
        0,
        "the end is Ok(0), and no error"
    );
    Ok(())
}

#[test]
fn recv_into_writes_into_a_part_of_your_buffer() -> Result {
    let (mut socket, mut peer) = connection()?;
    peer.write_all(b"hello")?;
    let mut buffer = *b"........";
    // ANCHOR: recv_into
    let count = socket.read(&mut buffer[3..])?;
    // ANCHOR_END: recv_into
    assert_eq!((count, &buffer), (5, b"...hello"));
    Ok(())
}

#[test]
fn read_exact_waits_for_all_of_it() -> Result {
    let (mut socket, mut peer) = connection()?;
    let writing = thread::spawn(move || peer::write_slowly(&mut peer, b"hello, you"));
    let mut buffer = [0; 10];
    // ANCHOR: recv_exact
    socket.read_exact(&mut buffer)?;
    // ANCHOR_END: recv_exact
    assert_eq!(&buffer, b"hello, you");
    writing.join().expect("no panic")?;
    let early = socket.read_exact(&mut buffer).expect_err("the peer closed");
    assert_eq!(early.kind(), ErrorKind::UnexpectedEof);
    Ok(())
}

#[test]
fn peek_looks_and_takes_nothing() -> Result {
    let (socket, mut peer) = connection()?;
    peer.write_all(b"hello")?;
    let mut stream = TcpStream::from(socket);
    let mut buffer = [0; 5];
    // ANCHOR: peek
    let count = stream.peek(&mut buffer)?;
    // ANCHOR_END: peek
    assert_eq!(&buffer[..count], b"hello");
    assert_eq!(peer::read_bytes(&mut stream, 5), b"hello");
    Ok(())
}

#[test]
fn sendto_and_recvfrom_carry_one_datagram() -> Result {
    let (one, socket, address) = two_datagram_sockets()?;
    let from_where = one.local_addr()?;
    {
        let socket = Socket::from(one.try_clone()?);
        let address = SockAddr::from(address);
        // ANCHOR: sendto
        socket.send_to(b"hello", &address)?;
        // ANCHOR_END: sendto
    }
    let mut buffer = [0; 1024];
    // ANCHOR: recvfrom
    let (count, from) = socket.recv_from(&mut buffer)?;
    // ANCHOR_END: recvfrom
    assert_eq!((&buffer[..count], from), (&b"hello"[..], from_where));
    Ok(())
}

#[test]
fn makefile_is_a_buffered_reader_around_the_socket() -> Result {
    let (socket, mut peer) = connection()?;
    peer.write_all(b"first\nsecond\n")?;
    // ANCHOR: makefile
    let mut file = BufReader::new(socket);
    // ANCHOR_END: makefile
    let mut line = String::new();
    // ANCHOR: readline
    let count = file.read_line(&mut line)?;
    // ANCHOR_END: readline
    assert_eq!((count, line.as_str()), (6, "first\n"));
    Ok(())
}

#[test]
fn encode_gives_the_bytes_of_a_text() {
    let text = "é\n";
    // ANCHOR: encode
    let bytes = text.as_bytes();
    // ANCHOR_END: encode
    assert_eq!(bytes, [0xc3, 0xa9, 0x0a]);
}

#[test]
fn decode_may_fail() -> Result {
    let bytes = [0xc3, 0xa9, 0x0a];
    // ANCHOR: decode
    let text = str::from_utf8(&bytes)?;
    // ANCHOR_END: decode
    assert_eq!(text, "é\n");
    assert!(str::from_utf8(&bytes[..1]).is_err());
    Ok(())
}

// ---- Options and time ------------------------------------------------------------------

#[test]
fn getsockopt_is_a_method_for_each_option() -> Result {
    let socket = stream()?;
    // ANCHOR: getsockopt
    let size = socket.recv_buffer_size()?;
    // ANCHOR_END: getsockopt
    assert!(size > 0);
    Ok(())
}

#[test]
fn setsockopt_is_a_method_for_each_option() -> Result {
    let socket = stream()?;
    // ANCHOR: setsockopt
    socket.set_recv_buffer_size(65_536)?;
    // ANCHOR_END: setsockopt
    // Linux doubles the number, for its own bookkeeping (socket(7)).
    assert!([65_536, 131_072].contains(&socket.recv_buffer_size()?));
    Ok(())
}

#[test]
fn further_options_have_their_methods() -> Result {
    let socket = stream()?;
    // ANCHOR: nodelay
    socket.set_tcp_nodelay(true)?;
    // ANCHOR_END: nodelay
    assert!(socket.tcp_nodelay()?);
    // ANCHOR: keepalive
    socket.set_keepalive(true)?;
    // ANCHOR_END: keepalive
    assert!(socket.keepalive()?);
    // ANCHOR: linger
    socket.set_linger(Some(Duration::ZERO))?;
    // ANCHOR_END: linger
    assert_eq!(socket.linger()?, Some(Duration::ZERO));
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, None)?;
    // ANCHOR: broadcast
    socket.set_broadcast(true)?;
    // ANCHOR_END: broadcast
    assert!(socket.broadcast()?);
    Ok(())
}

#[test]
fn only_v6_keeps_ipv4_out() -> Result {
    let Ok(socket) = Socket::new(Domain::IPV6, Type::STREAM, None) else {
        tests::skip("this machine has no IPv6");
        return Ok(());
    };
    // ANCHOR: v6only
    socket.set_only_v6(true)?;
    // ANCHOR_END: v6only
    assert!(socket.only_v6()?);
    Ok(())
}

#[test]
fn so_error_is_taken_once() -> Result {
    let socket = stream()?;
    socket.set_nonblocking(true)?;
    let started = socket.connect(&SockAddr::from(peer::dead_port()));
    if started.is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused) {
        return Ok(()); // told at once, on some systems
    }
    let mut waiting = [PollFd::new(socket.as_fd(), PollFlags::POLLOUT)];
    poll(&mut waiting, 5_000_u16)?;
    // ANCHOR: so_error
    let error = socket.take_error()?;
    // ANCHOR_END: so_error
    assert_eq!(error.expect("refused").kind(), ErrorKind::ConnectionRefused);
    assert!(socket.take_error()?.is_none(), "once");
    Ok(())
}

#[test]
fn nonblocking_means_would_block_instead_of_waiting() -> Result {
    let (mut socket, _peer) = connection()?;
    // ANCHOR: setblocking
    socket.set_nonblocking(true)?;
    // ANCHOR_END: setblocking
    // ANCHOR: getblocking
    let nonblocking = socket.nonblocking()?;
    // ANCHOR_END: getblocking
    assert!(nonblocking);
    let error = socket.read(&mut [0]).expect_err("nothing has come");
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    Ok(())
}

#[test]
fn settimeout_is_one_timeout_to_read_and_one_to_write() -> Result {
    let (mut socket, _peer) = connection()?;
    let timeout = Duration::from_millis(100);
    // ANCHOR: settimeout_read
    socket.set_read_timeout(Some(timeout))?;
    // ANCHOR_END: settimeout_read
    // ANCHOR: settimeout_write
    socket.set_write_timeout(Some(timeout))?;
    // ANCHOR_END: settimeout_write
    // ANCHOR: gettimeout
    let timeout = socket.read_timeout()?;
    // ANCHOR_END: gettimeout
    assert_eq!(timeout, Some(Duration::from_millis(100)));
    let start = Instant::now();
    let read = socket.read(&mut [0]).expect_err("nothing comes");
    assert!([ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&read.kind()));
    let written = loop {
        if let Err(error) = socket.write(&[0; 1 << 16]) {
            break error; // nobody reads, so that sooner or later nothing more fits
        }
    };
    assert!([ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&written.kind()));
    assert!(start.elapsed() >= Duration::from_millis(190));
    Ok(())
}

#[test]
fn settimeout_none_waits_for_ever_again() -> Result {
    let (socket, _peer) = connection()?;
    assert!(socket.read_timeout()?.is_some());
    // ANCHOR: settimeout_none
    socket.set_read_timeout(None)?;
    // ANCHOR_END: settimeout_none
    assert_eq!(socket.read_timeout()?, None);
    Ok(())
}

// ---- Waiting for several ---------------------------------------------------------------

#[test]
fn select_says_which_one_is_ready() -> Result {
    let ((one, _silent), (two, mut talks)) = (connection()?, connection()?);
    talks.write_all(b"hello")?;
    let mut five_seconds = TimeVal::new(5, 0);
    let mut readable = FdSet::new();
    readable.insert(one.as_fd());
    readable.insert(two.as_fd());
    // ANCHOR: select
    select(None, &mut readable, None, None, &mut five_seconds)?;
    // ANCHOR_END: select
    assert!(readable.contains(two.as_fd()));
    assert!(!readable.contains(one.as_fd()));
    Ok(())
}

#[test]
fn poll_says_which_one_is_ready() -> Result {
    let ((one, _silent), (two, mut talks)) = (connection()?, connection()?);
    talks.write_all(b"hello")?;
    let waiting = |socket| PollFd::new(socket, PollFlags::POLLIN);
    let mut sockets = [waiting(one.as_fd()), waiting(two.as_fd())];
    // ANCHOR: poll
    let ready = poll(&mut sockets, 5_000_u16)?;
    // ANCHOR_END: poll
    assert_eq!(ready, 1);
    assert_eq!(
        sockets.each_ref().map(PollFd::any),
        [Some(false), Some(true)]
    );
    Ok(())
}

// ---- socketserver ----------------------------------------------------------------------

// ANCHOR: handler
/// One conversation: what `handle` of a `StreamRequestHandler` does.
// ANCHOR: handle
fn converse(client: TcpStream) -> io::Result<()> {
    // ANCHOR_END: handle
    // ANCHOR: wfile
    let mut output = client.try_clone()?;
    // ANCHOR_END: wfile
    // ANCHOR: rfile
    let input = BufReader::new(client);
    // ANCHOR_END: rfile
    for line in input.lines() {
        writeln!(output, "{}", line?.to_uppercase())?;
    }
    Ok(())
}
// ANCHOR_END: handler

// ANCHOR: server
/// `TCPServer`: one client after another, until `stop` is set and a connection wakes it.
fn serve(listener: &TcpListener, stop: &AtomicBool) -> io::Result<()> {
    // ANCHOR: serve_forever
    for client in listener.incoming() {
        // ANCHOR_END: serve_forever
        if stop.load(Ordering::SeqCst) {
            break;
        }
        // An error of one client ends its own conversation. (Lesson 07 says what more
        // a server does about an error of accept itself.)
        if let Err(error) = client.and_then(converse) {
            eprintln!("{error}");
        }
    }
    Ok(())
}
// ANCHOR_END: server

// ANCHOR: threaded_server
/// `ThreadingTCPServer`: the same, with a thread for each client.
fn serve_threaded(listener: &TcpListener, stop: &AtomicBool) -> io::Result<()> {
    for client in listener.incoming() {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let conversation = move || {
            if let Err(error) = client.and_then(converse) {
                eprintln!("{error}");
            }
        };
        // ANCHOR: thread
        thread::spawn(conversation);
        // ANCHOR_END: thread
    }
    Ok(())
}
// ANCHOR_END: threaded_server

// ANCHOR: datagram_server
/// One datagram: what `handle` of a `DatagramRequestHandler` does.
// ANCHOR: datagram_handle
fn answer(socket: &UdpSocket, datagram: &[u8], from: SocketAddr) -> io::Result<()> {
    // ANCHOR_END: datagram_handle
    socket.send_to(&datagram.to_ascii_uppercase(), from)?;
    Ok(())
}

/// `ThreadingUDPServer`: a thread for each datagram. Without the thread: `UDPServer`.
fn serve_datagrams(socket: &Arc<UdpSocket>, stop: &AtomicBool) -> io::Result<()> {
    // As serve_forever does: look at `stop` twice a second.
    socket.set_read_timeout(Some(Duration::from_millis(500)))?;
    let mut buffer = [0; 65_507]; // no datagram over IPv4 is larger
    while !stop.load(Ordering::SeqCst) {
        let (count, from) = match socket.recv_from(&mut buffer) {
            Ok(received) => received,
            Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
            Err(error) => return Err(error),
        };
        let (socket, datagram) = (Arc::clone(socket), buffer[..count].to_vec());
        let reply = move || {
            if let Err(error) = answer(&socket, &datagram, from) {
                eprintln!("{error}");
            }
        };
        // ANCHOR: datagram_thread
        thread::spawn(reply);
        // ANCHOR_END: datagram_thread
    }
    Ok(())
}
// ANCHOR_END: datagram_server

/// A client says `hello`, and is answered `HELLO`.
fn is_answered(address: SocketAddr) {
    let mut client = peer::connect(address);
    peer::write(&mut client, "hello\n");
    assert_eq!(peer::read_line(&mut client), "HELLO\n");
}

#[test]
fn tcp_server_is_a_loop_around_accept() -> Result {
    let (address, stop) = (loopback(), AtomicBool::new(false));
    // ANCHOR: tcp_server
    let listener = TcpListener::bind(address)?;
    // ANCHOR_END: tcp_server
    let address = listener.local_addr()?;
    thread::scope(|scope| {
        let server = scope.spawn(|| serve(&listener, &stop));
        is_answered(address);
        peer::reset(peer::connect(address)); // which ends nothing but itself
        is_answered(address);
        // ANCHOR: server_shutdown
        stop.store(true, Ordering::SeqCst);
        // ANCHOR_END: server_shutdown
        // ANCHOR: server_wake
        TcpStream::connect(address)?;
        // ANCHOR_END: server_wake
        server.join().expect("no panic")
    })?;
    // ANCHOR: server_close
    drop(listener);
    // ANCHOR_END: server_close
    assert!(
        TcpStream::connect(address).is_err(),
        "nobody listens any more"
    );
    Ok(())
}

#[test]
fn threading_tcp_server_is_a_thread_for_each_client() -> Result {
    let (listener, address) = peer::listener();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let server = scope.spawn(|| serve_threaded(&listener, &stop));
        let idle = peer::connect(address);
        is_answered(address); // although the first client says nothing
        drop(idle);
        stop.store(true, Ordering::SeqCst);
        TcpStream::connect(address)?;
        server.join().expect("no panic")
    })?;
    Ok(())
}

#[test]
fn udp_server_is_a_loop_around_recv_from() -> Result {
    let (address, stop) = (loopback(), AtomicBool::new(false));
    // ANCHOR: udp_server
    let socket = UdpSocket::bind(address)?;
    // ANCHOR_END: udp_server
    let (address, socket) = (socket.local_addr()?, Arc::new(socket));
    thread::scope(|scope| {
        let server = scope.spawn(|| serve_datagrams(&socket, &stop));
        let client = UdpSocket::bind(loopback())?;
        client.set_read_timeout(Some(ANSWER))?;
        client.send_to(b"hello", address)?;
        let mut buffer = [0; 100];
        let (count, from) = client.recv_from(&mut buffer)?;
        assert_eq!((&buffer[..count], from), (&b"HELLO"[..], address));
        stop.store(true, Ordering::SeqCst);
        server.join().expect("no panic")
    })?;
    Ok(())
}
