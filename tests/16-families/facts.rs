//! What chapter 16 says of the kernel, on real sockets.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::time::Duration;

use socket2::{Domain, SockAddr, Socket, Type};

use crate::{connect, stale};

fn stream(domain: Domain) -> Socket {
    Socket::new(domain, Type::STREAM, None).expect("a socket")
}

#[test]
fn a_socketpair_has_two_directions_and_no_names() {
    let (mut one, mut other) = UnixStream::pair().expect("a pair");
    one.write_all(b"there").expect("it is sent");
    other.write_all(b"back!").expect("it is sent");
    let mut buffer = [0; 5];
    other.read_exact(&mut buffer).expect("it is there");
    assert_eq!(&buffer, b"there");
    one.read_exact(&mut buffer).expect("it is there");
    assert_eq!(&buffer, b"back!");
    for end in [one, other] {
        assert!(end.local_addr().expect("an address").is_unnamed());
        assert!(end.peer_addr().expect("an address").is_unnamed());
    }
}

/// Claim: A server that was killed leaves its name free.
/// Truth: a Unix-domain socket's file stays and keeps the next bind out (EADDRINUSE);
/// an abstract name is free at once (unix(7)).
#[test]
fn the_file_of_a_socket_stays_when_it_is_closed_and_keeps_the_next_one_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sock");
    stale(&path);
    let error = UnixListener::bind(&path).expect_err("the file is there");
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    let error = UnixStream::connect(&path).expect_err("nobody is there");
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    std::fs::remove_file(&path).expect("it goes");
    UnixListener::bind(&path).expect("now it is free");
}

/// Claim: Remove the old file before bind, to be sure.
/// Truth: that robs a server that lives: it runs on, and nobody reaches it; ask first
/// whether somebody listens.
#[test]
fn who_removes_the_file_takes_the_name_and_the_first_server_runs_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sock");
    let first = UnixListener::bind(&path).expect("a name");
    std::fs::remove_file(&path).expect("robbed");
    let second = UnixListener::bind(&path).expect("the name is free");
    let _client = connect(&path);
    first.set_nonblocking(true).expect("O_NONBLOCK");
    let error = first.accept().expect_err("nobody comes here any more");
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    second.accept().expect("the client");
}

#[cfg(target_os = "linux")]
#[test]
fn a_socket_has_the_mode_that_the_umask_leaves() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sock");
    let path = path.to_str().expect("UTF-8");
    for (mask, mode) in [("0177", 0o600), ("0111", 0o666), ("0", 0o777)] {
        // In a process of its own: the mask belongs to the process, and so to all tests.
        let script = format!("umask {mask}; exec python3 -c \"$0\" {path}");
        let bind = "import socket, sys; socket.socket(1).bind(sys.argv[1])";
        tests::tool!("python3");
        let bound = tests::Program::at("/bin/sh").args(["-c", &script, bind]);
        bound.run().code(0);
        let found = std::fs::metadata(path)
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(found & 0o777, mode, "umask {mask}");
        std::fs::remove_file(path).expect("it goes");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_path_has_107_bytes_and_an_abstract_name_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let start = folder.path().to_str().expect("UTF-8").to_string() + "/";
    let path = |length: usize| start.clone() + &"x".repeat(length - start.len());
    UnixListener::bind(path(107)).expect("it fits");
    let error = UnixListener::bind(path(108)).expect_err("one too many");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let name = |length: usize| SockAddr::unix(format!("\0{}", "y".repeat(length)));
    let longest = name(107).expect("it fits");
    stream(Domain::UNIX).bind(&longest).expect("it fits");
    assert!(name(108).is_err());
}

/// Claim: A server that was killed leaves its name free.
#[cfg(target_os = "linux")]
#[test]
fn an_abstract_name_is_free_at_once_and_has_no_file() {
    let name = format!("facts-{}", std::process::id());
    let address = SockAddr::unix(format!("\0{name}")).expect("a name");
    for _ in 0..2 {
        let first = stream(Domain::UNIX);
        first.bind(&address).expect("it is free");
        let error = stream(Domain::UNIX).bind(&address).expect_err("taken");
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        assert!(!std::path::Path::new(&name).exists());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn both_ends_know_the_others_user_and_process() {
    use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
    let (one, other) = UnixStream::pair().expect("a pair");
    for end in [one, other] {
        let credentials = getsockopt(&end, PeerCredentials).expect("SO_PEERCRED");
        assert_eq!(credentials.uid(), nix::unistd::geteuid().as_raw());
        assert_eq!(credentials.gid(), nix::unistd::getegid().as_raw());
        assert_eq!(credentials.pid(), nix::unistd::getpid().as_raw());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn closing_a_unix_stream_with_unread_input_resets_and_loses_nothing() {
    let (mut one, mut other) = UnixStream::pair().expect("a pair");
    one.write_all(b"never read").expect("it is sent");
    other.write_all(b"the last words").expect("it is sent");
    drop(other);
    let mut heard = [0; 14];
    one.read_exact(&mut heard).expect("nothing is lost");
    assert_eq!(&heard, b"the last words");
    let error = one.read(&mut heard).expect_err("no plain end");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

/// Claim: Datagrams get lost.
/// Truth: Unix-domain ones are reliable: a full queue makes send wait, after
/// net.unix.max_dgram_qlen + 1 of them, or sooner when the sender's buffer is full
/// (unix(7)).
#[cfg(target_os = "linux")]
#[test]
fn unix_datagrams_wait_where_udp_loses() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sock");
    let other = UnixDatagram::bind(&path).expect("a name");
    let one = UnixDatagram::unbound().expect("a socket");
    one.connect(&path).expect("a peer");
    one.set_nonblocking(true).expect("O_NONBLOCK");
    let sent = (0..1000).take_while(|_| one.send(b"x").is_ok()).count();
    let setting = std::fs::read_to_string("/proc/sys/net/unix/max_dgram_qlen");
    let setting: usize = setting
        .expect("a setting")
        .trim()
        .parse()
        .expect("a number");
    // With a long queue (512 under systemd) the sender's buffer is full first.
    assert!(
        sent == setting + 1 || setting > 200 && sent <= setting,
        "{sent}"
    );
    one.set_nonblocking(false).expect("O_NONBLOCK");
    let sender = std::thread::spawn(move || one.send(b"last"));
    let mut arrived = 0;
    other
        .set_read_timeout(Some(Duration::from_secs(5)))
        .expect("a deadline");
    for _ in 0..=sent {
        other.recv(&mut [0; 10]).expect("each one arrives");
        arrived += 1;
    }
    assert_eq!(arrived, sent + 1, "the one that waited, too");
    sender.join().expect("no panic").expect("it is sent");
}

/// Claim: Datagrams get lost.
#[cfg(target_os = "linux")]
#[test]
fn in_a_socketpair_of_datagrams_the_senders_buffer_is_the_limit() {
    // How many fit, with this SO_SNDBUF. The receiver's queue is the same each time.
    let fit = |buffer| {
        let (one, _other) = UnixDatagram::pair().expect("a pair");
        let sets = socket2::SockRef::from(&one).set_send_buffer_size(buffer);
        sets.expect("SO_SNDBUF");
        one.set_nonblocking(true).expect("O_NONBLOCK");
        (0..100_000).take_while(|_| one.send(b"x").is_ok()).count()
    };
    let (few, many) = (fit(20_000), fit(100_000));
    assert!(few > 11 && many > 4 * few, "{few}, {many}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_unix_connect_waits_for_room_as_long_as_a_send_may_take() {
    let folder = tempfile::tempdir().expect("a folder");
    let address = SockAddr::unix(folder.path().join("sock")).expect("a path");
    let listener = stream(Domain::UNIX);
    listener.bind(&address).expect("a name");
    listener.listen(0).expect("a queue for one");
    let queued = stream(Domain::UNIX);
    queued.connect(&address).expect("room for one");
    let client = stream(Domain::UNIX);
    let wait = Duration::from_millis(200);
    client.set_write_timeout(Some(wait)).expect("SO_SNDTIMEO");
    let start = std::time::Instant::now();
    let error = client.connect(&address).expect_err("it is full");
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    assert!(start.elapsed() >= wait);
}

#[cfg(target_os = "linux")]
#[test]
fn shutdown_wakes_a_unix_listener_and_its_queue_is_still_accepted() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sock");
    let listener = UnixListener::bind(&path).expect("a name");
    let _client = connect(&path);
    let socket = socket2::SockRef::from(&listener);
    socket.shutdown(std::net::Shutdown::Both).expect("shutdown");
    listener.accept().expect("who was in the queue");
    let error = listener.accept().expect_err("and then no more");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let error = UnixStream::connect(&path).expect_err("nobody is let in");
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
}

/// A listener on every IPv6 address, and its port.
#[cfg(target_os = "linux")]
fn on_every_address(only_v6: bool) -> (Socket, u16) {
    let socket = stream(Domain::IPV6);
    socket.set_only_v6(only_v6).expect("IPV6_V6ONLY");
    let any: std::net::SocketAddr = "[::]:0".parse().expect("an address");
    socket.bind(&any.into()).expect("a port");
    socket.listen(5).expect("it listens");
    let own = socket.local_addr().expect("its address").as_socket();
    (socket, own.expect("IPv6").port())
}

/// Claim: A server on `[::]` serves IPv6 only, or always both.
/// Truth: IPV6_V6ONLY decides, and its default is a setting of the system; IPv4 clients
/// then have mapped addresses (ipv6(7), RFC 4291).
#[cfg(target_os = "linux")]
#[test]
fn a_socket_on_every_ipv6_address_takes_ipv4_or_not_as_v6only_says() {
    use std::net::{SocketAddr, TcpListener, TcpStream};
    if !crate::ipv6_is_there() {
        return;
    }
    let (both, port) = on_every_address(false);
    let client = TcpStream::connect(("127.0.0.1", port)).expect("IPv4 is let in");
    let (_, seen) = both.accept().expect("the client");
    let seen = seen.as_socket().expect("an IP address");
    let own = client.local_addr().expect("our address");
    assert_eq!(
        seen.to_string(),
        format!("[::ffff:127.0.0.1]:{}", own.port())
    );
    assert_eq!(SocketAddr::new(seen.ip().to_canonical(), seen.port()), own);
    let error = TcpListener::bind(("0.0.0.0", port)).expect_err("the place is taken");
    assert_eq!(error.kind(), ErrorKind::AddrInUse);

    let (_only, port) = on_every_address(true);
    let error = TcpStream::connect(("127.0.0.1", port)).expect_err("IPv6 only");
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    TcpListener::bind(("0.0.0.0", port)).expect("IPv4 has a place of its own");
}

/// Claim: ping needs root.
#[cfg(target_os = "linux")]
#[test]
fn what_a_ping_socket_and_a_raw_socket_do_for_you() {
    if !crate::hosts::allowed() {
        return;
    }
    let python3 = tests::tool!("python3");
    // Identifier 1234 and a checksum that is wrong.
    let script = r#"
import socket
asked = bytes([8, 0, 0x12, 0x34, 0x12, 0x34, 0, 1]) + b"data"
dgram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
for s in (dgram, raw):
    s.settimeout(0.3)
dgram.sendto(asked, ("127.0.0.1", 0))
answer = dgram.recv(100)
assert answer[0] == 0 and answer[8:] == b"data", answer
assert answer[4:6] == dgram.getsockname()[1].to_bytes(2, "big") != asked[4:6], answer
# The raw one has heard both, with an IP header in front.
for kind in (8, 0):
    heard = raw.recv(100)
    assert heard[0] == 0x45 and heard[20] == kind, heard
# Its own message with the wrong checksum it hears on loopback. The kernel answers nothing.
raw.sendto(asked, ("127.0.0.1", 0))
assert raw.recv(100)[20:] == asked
try:
    assert False, raw.recv(100)
except TimeoutError:
    pass
# A ping socket sends echo requests and nothing else.
try:
    dgram.sendto(b"\x0d" + asked[1:], ("127.0.0.1", 0))
    assert False
except OSError as error:
    assert error.errno == 22, error
# For ICMPv6 the kernel writes the checksum for a raw socket, too.
raw = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
raw.settimeout(0.3)
raw.sendto(bytes([128]) + asked[1:], ("::1", 0))
heard = raw.recv(100), raw.recv(100)
assert [h[0] for h in heard] == [128, 129], heard
print("all of it")
"#;
    let program = tests::Program::at(python3).args(["-c", script]);
    let setup = format!("ip link set lo up\n{}", crate::hosts::DATAGRAMS);
    let ended = tests::namespace::around(program, &setup).run();
    ended.code(0);
    assert_eq!(ended.stdout, "all of it\n");
}

/// Claim: ping needs root.
/// Truth: an ICMP datagram socket needs a group in net.ipv4.ping_group_range, and there
/// root is no exception; a raw socket needs CAP_NET_RAW (icmp(7), raw(7)).
#[cfg(target_os = "linux")]
#[test]
fn a_ping_socket_goes_by_group_and_root_is_no_exception() {
    if !crate::hosts::allowed() {
        return;
    }
    let python3 = tests::tool!("python3");
    let script = "
import socket
for family, protocol in ((socket.AF_INET, 1), (socket.AF_INET6, 58)):
    try:
        socket.socket(family, socket.SOCK_DGRAM, protocol)
        print('yes')
    except PermissionError as error:
        print(error.errno)
";
    for (setup, said) in [("", "13\n13\n"), (crate::hosts::DATAGRAMS, "yes\nyes\n")] {
        let program = tests::Program::at(&python3).args(["-c", script]);
        let ended = tests::namespace::around(program, setup).run();
        assert_eq!(ended.stdout, said, "{ended:#?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_test_of_a_link_local_address_without_its_card_is_einval() {
    use std::net::{SocketAddr, TcpStream};
    let address: SocketAddr = "[fe80::2]:80".parse().expect("an address");
    if !crate::ipv6_is_there() {
        return;
    }
    let error = TcpStream::connect(address).expect_err("which card?");
    assert_eq!(error.raw_os_error(), Some(nix::errno::Errno::EINVAL as i32));
}
