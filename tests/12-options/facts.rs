//! `tests/facts.md`, and what the chapter says of the kernel, on real sockets.

#[cfg(target_os = "linux")]
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
#[cfg(target_os = "linux")]
use std::thread;
use std::time::Duration;
#[cfg(target_os = "linux")]
use std::time::Instant;

use socket2::{Domain, SockRef, Socket, Type};
#[cfg(target_os = "linux")]
use tests::{Program, kernel, namespace, tool};
use tests::{peer, until};

#[cfg(target_os = "linux")]
use crate::setting;

/// What Linux gives when less is asked for: SOCK_MIN_RCVBUF and SOCK_MIN_SNDBUF, which
/// are the room for a packet or two and their descriptions (include/net/sock.h).
#[cfg(target_os = "linux")]
pub const LEAST_RCVBUF: u64 = 2304;
#[cfg(target_os = "linux")]
pub const LEAST_SNDBUF: u64 = 4608;

fn tcp() -> Socket {
    Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket")
}

/// A connection: the end that connected, and the end that was accepted.
fn pair() -> (TcpStream, TcpStream) {
    let (listener, address) = peer::listener();
    let client = peer::connect(address);
    let (server, _) = listener.accept().expect("the client");
    (client, peer::with_deadlines(server))
}

/// Claim: A buffer has the size that you asked for.
/// Truth: Linux doubles it, has a least size, and cuts it down to net.core.rmem_max or
/// wmem_max without an error; one that was set no longer grows (socket(7), tcp(7)).
#[cfg(target_os = "linux")]
#[test]
fn a_buffer_is_doubled_and_has_a_least_and_a_largest_size() {
    let limit = |name: &str| -> usize {
        setting(&format!("core/{name}"))[0].parse().expect("bytes")
    };
    let (most_in, most_out) = (limit("rmem_max"), limit("wmem_max"));
    for (asked, got_in, got_out) in [
        (10_000, 20_000, 20_000),
        (1, LEAST_RCVBUF as usize, LEAST_SNDBUF as usize),
        (1 << 30, 2 * most_in, 2 * most_out),
    ] {
        let socket = tcp();
        socket.set_recv_buffer_size(asked).expect("SO_RCVBUF");
        socket.set_send_buffer_size(asked).expect("SO_SNDBUF");
        assert_eq!(socket.recv_buffer_size().expect("SO_RCVBUF"), got_in);
        assert_eq!(socket.send_buffer_size().expect("SO_SNDBUF"), got_out);
    }
}

/// Of datagrams, the default is another setting.
#[cfg(target_os = "linux")]
#[test]
fn the_default_buffers_of_tcp_and_udp_are_different_settings() {
    let udp = Socket::new(Domain::IPV4, Type::DGRAM, None).expect("a socket");
    let of_udp: usize = setting("core/rmem_default")[0].parse().expect("bytes");
    assert_eq!(udp.recv_buffer_size().expect("SO_RCVBUF"), of_udp);
    let of_tcp: usize = setting("ipv4/tcp_rmem")[1].parse().expect("bytes");
    assert_eq!(tcp().recv_buffer_size().expect("SO_RCVBUF"), of_tcp);
}

/// Claim: A buffer has the size that you asked for.
#[cfg(target_os = "linux")]
#[test]
fn a_buffer_that_was_set_no_longer_grows_by_itself() {
    let size_after = |asked: Option<usize>| {
        let listener = tcp();
        if let Some(asked) = asked {
            listener.set_recv_buffer_size(asked).expect("SO_RCVBUF");
        }
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        listener.bind(&any.into()).expect("a port");
        listener.listen(1).expect("a listener");
        let listener = TcpListener::from(listener);
        let mut client = peer::connect(listener.local_addr().expect("an address"));
        let (server, _) = listener.accept().expect("the client");
        let mut server = peer::with_deadlines(server);
        let sender = thread::spawn(move || client.write_all(&vec![b'x'; 30_000_000]));
        let mut room = vec![0; 1 << 20];
        while server.read(&mut room).expect("bytes") > 0 {}
        sender.join().expect("no panic").expect("all of it");
        SockRef::from(&server)
            .recv_buffer_size()
            .expect("SO_RCVBUF")
    };
    let [_, first, last] = [0, 1, 2].map(|place| {
        let words = setting("ipv4/tcp_rmem");
        words[place].parse::<usize>().expect("bytes")
    });
    if setting("ipv4/tcp_moderate_rcvbuf")[0] != "1" || last <= first {
        tests::skip!("on this machine no buffer grows");
    }
    assert!(size_after(None) > first);
    assert_eq!(size_after(Some(60_000)), 120_000);
}

#[test]
fn an_accepted_socket_has_the_options_of_its_listener() {
    let listener = tcp();
    listener.set_keepalive(true).expect("SO_KEEPALIVE");
    listener.set_tcp_nodelay(true).expect("TCP_NODELAY");
    listener.set_recv_buffer_size(50_000).expect("SO_RCVBUF");
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    listener.bind(&any.into()).expect("a port");
    listener.listen(1).expect("a listener");
    let address = listener.local_addr().expect("an address").as_socket();
    let _client = peer::connect(address.expect("IPv4"));
    let (accepted, _) = listener.accept().expect("the client");
    assert!(accepted.keepalive().expect("SO_KEEPALIVE"));
    assert!(accepted.tcp_nodelay().expect("TCP_NODELAY"));
    let size = |socket: &Socket| socket.recv_buffer_size().expect("SO_RCVBUF");
    if cfg!(target_os = "linux") {
        assert_eq!(size(&accepted), size(&listener));
    }
}

/// A server that closed its connection first, so that it is in TIME_WAIT; then bind on
/// the same port. With SO_REUSEADDR at the first start, at the second, or both?
///
/// Claim: SO_REUSEADDR at the second start gets the port back.
/// Truth: Linux: the first start must have set it, too.
#[cfg(target_os = "linux")]
#[test]
fn so_reuseaddr_has_to_be_set_at_the_first_start_too() {
    for (first, second, works) in [
        (false, false, false),
        (false, true, false),
        (true, false, false),
        (true, true, true),
    ] {
        let listener = tcp();
        listener.set_reuse_address(first).expect("SO_REUSEADDR");
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        listener.bind(&any.into()).expect("a port");
        listener.listen(1).expect("a listener");
        let address = listener.local_addr().expect("an address");
        let client = peer::connect(address.as_socket().expect("IPv4"));
        drop(listener.accept().expect("the client"));
        drop((client, listener));
        let port = address.as_socket().expect("IPv4").port();
        until("TIME_WAIT", || {
            let rows = kernel::tcp_sockets_on(port);
            rows.iter()
                .all(|row| row.state == kernel::TIME_WAIT)
                .then_some(())
        });
        let again = tcp();
        again.set_reuse_address(second).expect("SO_REUSEADDR");
        assert_eq!(again.bind(&address).is_ok(), works, "{first} {second}");
    }
}

/// Claim: SO_REUSEADDR set after bind does nothing.
/// Truth: nothing for that bind; on Linux the connections have it from their listener, so
/// the next start succeeds.
#[cfg(target_os = "linux")]
#[test]
fn so_reuseaddr_set_after_bind_helps_the_next_start() {
    for (after_bind, works) in [(false, false), (true, true)] {
        let listener = tcp();
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        listener.bind(&any.into()).expect("a port");
        listener
            .set_reuse_address(after_bind)
            .expect("SO_REUSEADDR");
        listener.listen(1).expect("a listener");
        let address = listener.local_addr().expect("an address");
        let client = peer::connect(address.as_socket().expect("IPv4"));
        drop(listener.accept().expect("the client"));
        drop((client, listener));
        let again = tcp();
        again.set_reuse_address(true).expect("SO_REUSEADDR");
        assert_eq!(again.bind(&address).is_ok(), works, "{after_bind}");
    }
}

/// Claim: A TTL of 5 passes five routers.
/// Truth: four: each takes 1 away, and throws the packet away at 0 (RFC 791, RFC 1812
/// 5.3.1).
#[cfg(target_os = "linux")]
#[test]
fn a_ttl_of_1_passes_no_router_and_2_passes_one() {
    if !namespace::allowed() {
        return;
    }
    let python = tool!("python3");
    let script = "
import socket
for ttl in (1, 2):
    s = socket.socket()
    s.settimeout(5)
    s.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)
    # Nobody listens there: a refusal is an answer from the far host.
    print(ttl, s.connect_ex(('10.0.2.2', 9)))
";
    let program = Program::at(python).args(["-c", script]);
    let ended = namespace::around(program, namespace::THREE_HOSTS).run();
    ended.code(0);
    let said: Vec<_> = ended.stdout.lines().collect();
    assert_eq!(said, ["1 113", "2 111"], "EHOSTUNREACH, ECONNREFUSED");
}

/// Claim: SO_REUSEPORT deals the clients out on every Unix.
/// Truth: on Linux. On macOS and the BSDs only one of the listeners gets them (not tested
/// here; FreeBSD made SO_REUSEPORT_LB for it).
#[cfg(target_os = "linux")]
#[test]
fn so_reuseport_deals_the_clients_out_to_all_listeners() {
    let listen = |address: SocketAddr| {
        let listener = tcp();
        listener.set_reuse_port(true).expect("SO_REUSEPORT");
        listener.bind(&address.into()).expect("the same port");
        listener.listen(128).expect("a listener");
        listener.set_nonblocking(true).expect("O_NONBLOCK");
        TcpListener::from(listener)
    };
    let first = listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let address = first.local_addr().expect("an address");
    let second = listen(address);
    let clients: Vec<_> = (0..64).map(|_| peer::connect(address)).collect();
    let accepted =
        |listener: &TcpListener| listener.incoming().map_while(Result::ok).count();
    let (one, other) = (accepted(&first), accepted(&second));
    assert_eq!(one + other, clients.len());
    // By a hash of each client's port: 64 times the same one has the chance of 2^-63.
    assert!(one > 0 && other > 0, "{one} and {other}");
}

/// Whoever closes first has TIME_WAIT: here the client, whose port nobody needs again.
#[cfg(target_os = "linux")]
#[test]
fn a_server_whose_client_closes_first_needs_no_so_reuseaddr() {
    let listener = tcp();
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    listener.bind(&any.into()).expect("a port");
    listener.listen(1).expect("a listener");
    let address = listener.local_addr().expect("an address");
    let client = peer::connect(address.as_socket().expect("IPv4"));
    let (accepted, _) = listener.accept().expect("the client");
    drop(client);
    drop((accepted, listener));
    tcp().bind(&address).expect("the port is free");
}

/// The bytes have all been read, and yet the end is a reset.
#[cfg(target_os = "linux")]
#[test]
fn a_linger_time_of_0_resets_also_where_nothing_is_left_to_send() {
    let (mut client, mut server) = pair();
    client.write_all(b"hello").expect("sent");
    server.read_exact(&mut [0; 5]).expect("all of it");
    peer::reset(client);
    let error = server.read(&mut [0]).expect_err("a reset");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

/// Claim: SO_LINGER 0 is a quick close.
/// Truth: it is a reset: what was not delivered is lost, the peer reads ECONNRESET,
/// there is no TIME_WAIT (socket(7)).
#[cfg(target_os = "linux")]
#[test]
fn close_with_a_linger_time_of_0_is_a_reset_and_leaves_no_time_wait() {
    // The states of a connection's first end. Its port alone may be another's, too.
    let states = |both: [SocketAddr; 2]| -> Vec<u8> {
        let rows = kernel::tcp_sockets_on(both[0].port()).into_iter();
        let own = rows.filter(|row| [row.local, row.remote] == both);
        own.map(|row| row.state).collect()
    };
    let ends = |stream: &TcpStream| {
        [stream.local_addr(), stream.peer_addr()].map(|end| end.expect("an address"))
    };

    let (client, mut server) = pair();
    let both = ends(&client);
    assert_eq!(states(both), [kernel::ESTABLISHED]);
    peer::reset(client);
    let error = server.read(&mut [0]).expect_err("a reset");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert!(states(both).is_empty(), "no TIME_WAIT");

    // The same without: the end, and TIME_WAIT on the side that closed first.
    let (client, mut server) = pair();
    let both = ends(&client);
    drop(client);
    assert_eq!(server.read(&mut [0]).expect("the end"), 0);
    drop(server);
    until("TIME_WAIT", || {
        (states(both) == [kernel::TIME_WAIT]).then_some(())
    });
}

/// Claim: A timeout of 0 means: do not wait.
/// Truth: to SO_RCVTIMEO it means for ever, std refuses it; not to wait is O_NONBLOCK
/// (socket(7)).
#[test]
fn a_timeout_of_0_means_for_ever_to_the_kernel_and_an_error_to_std() {
    let (client, _server) = pair();
    let socket = SockRef::from(&client);
    socket
        .set_read_timeout(Some(Duration::ZERO))
        .expect("SO_RCVTIMEO");
    assert_eq!(socket.read_timeout().expect("SO_RCVTIMEO"), None);
    let error = client
        .set_read_timeout(Some(Duration::ZERO))
        .expect_err("std refuses");
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
}

/// Claim: A read timeout bounds the message.
/// Truth: it bounds each call: a byte now and then is never too late.
#[cfg(target_os = "linux")]
#[test]
fn a_timeout_is_for_each_call_and_not_for_the_message() {
    let (mut client, mut server) = pair();
    let dripping = thread::spawn(move || {
        for _ in 0..10 {
            thread::sleep(Duration::from_millis(50)); // the dripping itself
            client.write_all(b"x").expect("sent");
        }
        client
    });
    server
        .set_read_timeout(Some(Duration::from_millis(300)))
        .expect("SO_RCVTIMEO");
    let start = Instant::now();
    server.read_exact(&mut [0; 10]).expect("ten bytes");
    assert!(start.elapsed() >= Duration::from_millis(450));
    dripping.join().expect("no panic");
}

#[test]
fn nonblocking_comes_before_a_timeout() {
    let (client, _server) = pair();
    client
        .set_read_timeout(Some(tests::ANSWER))
        .expect("SO_RCVTIMEO");
    client.set_nonblocking(true).expect("O_NONBLOCK");
    let start = std::time::Instant::now();
    let error = std::io::Read::read(&mut &client, &mut [0]).expect_err("nothing");
    assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
    assert!(start.elapsed() < Duration::from_secs(1));
}

/// Claim: A listener on `[::]` is for IPv6 only.
#[test]
fn v6only_has_to_be_set_before_bind() {
    let Ok(socket) = Socket::new(Domain::IPV6, Type::STREAM, None) else {
        tests::skip!("this machine has no IPv6");
    };
    let any: SocketAddr = "[::1]:0".parse().expect("an address");
    if socket.bind(&any.into()).is_err() {
        tests::skip!("this machine has no IPv6 loopback");
    }
    let error = socket.set_only_v6(true).expect_err("too late");
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
}

/// Nagle's algorithm holds back what is small while something small is under way: the
/// first piece is never held back. So it costs nothing where each question waits for its
/// answer and goes out in one write.
///
/// Claim: Nagle's algorithm makes every small message slow.
/// Truth: only a second small piece waits for the ACK of the first; TCP_NODELAY, one
/// write, or TCP_QUICKACK at the reader cures it (RFC 896).
#[cfg(target_os = "linux")]
#[test]
fn nagle_holds_back_the_second_small_piece_and_never_the_first() {
    let (mut client, mut server) = pair();
    let mut later = Vec::new();
    for _ in 0..12 {
        client.write_all(b"one").expect("sent");
        let start = Instant::now();
        server.read_exact(&mut [0; 3]).expect("the first piece");
        assert!(
            start.elapsed() < Duration::from_millis(30),
            "the first piece"
        );
        client.write_all(b"two").expect("sent");
        let start = Instant::now();
        server.read_exact(&mut [0; 3]).expect("the second piece");
        later.push(start.elapsed());
        server.write_all(b"!").expect("sent");
        client.read_exact(&mut [0]).expect("the answer");
    }
    later.sort();
    assert!(later[6] > Duration::from_millis(30), "{later:?}");
}

/// The other side can cure it, too, where it is Linux: the ACK goes at once. The option
/// does not last, so it is set again before each read.
///
/// Claim: Nagle's algorithm makes every small message slow.
#[cfg(target_os = "linux")]
#[test]
fn tcp_quickack_at_the_reader_cures_two_small_writes_too() {
    let (mut client, mut server) = pair();
    let mut later = Vec::new();
    for _ in 0..12 {
        let start = Instant::now();
        client.write_all(b"one").expect("sent");
        client.write_all(b"two").expect("sent");
        let mut got = 0;
        while got < 6 {
            SockRef::from(&server)
                .set_tcp_quickack(true)
                .expect("TCP_QUICKACK");
            got += server.read(&mut [0; 6]).expect("a piece");
        }
        server.write_all(b"!").expect("sent");
        client.read_exact(&mut [0]).expect("the answer");
        later.push(start.elapsed());
    }
    later.sort();
    assert!(later[6] < Duration::from_millis(20), "{later:?}");
}

/// Claim: A cork holds small pieces back until it is taken out.
/// Truth: for 0.2 seconds at most (tcp(7)).
#[cfg(target_os = "linux")]
#[test]
fn a_cork_holds_a_small_piece_back_for_a_fifth_of_a_second() {
    let (mut writer, mut reader) = pair();
    let corked = SockRef::from(&writer).set_tcp_cork(true);
    corked.expect("TCP_CORK");
    let start = Instant::now();
    writer.write_all(b"small").expect("it is sent");
    reader.read_exact(&mut [0; 5]).expect("it comes by itself");
    let took = start.elapsed();
    assert!(took > Duration::from_millis(150), "{took:?}");
    assert!(took < Duration::from_secs(3), "{took:?}");
}

/// A script in a network of its own, which may take its own loopback away.
#[cfg(target_os = "linux")]
fn in_a_network(python: &std::path::Path, setup: &str, script: &str) -> Option<String> {
    if !namespace::allowed() {
        return None;
    }
    let program = Program::at(python).args(["-c", script]);
    let ended = namespace::around(program, setup).run();
    ended.code(0);
    Some(ended.stdout)
}

/// Claim: SO_KEEPALIVE notices soon that a peer has gone.
/// Truth: only with TCP_KEEPIDLE, TCP_KEEPINTVL and TCP_KEEPCNT; where something was
/// sent, TCP_USER_TIMEOUT decides (tcp(7)).
#[cfg(target_os = "linux")]
#[test]
fn keepalive_and_user_timeout_notice_a_peer_that_vanished() {
    let python = tool!("python3");
    let script = "
import socket, subprocess, time, threading
SECOND = 1
def pair():
    listener = socket.create_server(('127.0.0.1', 0))
    client = socket.create_connection(listener.getsockname())
    return client, listener.accept()[0]
quiet, quiet_peer = pair()
quiet.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
quiet.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, SECOND)
quiet.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, SECOND)
quiet.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 1)
busy, busy_peer = pair()
busy.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 1000)
plain, plain_peer = pair()
subprocess.check_call(['ip', 'link', 'set', 'lo', 'down'])
busy.send(b'hello')
plain.send(b'hello')
def ask(name, s):
    start = time.monotonic()
    s.settimeout(4)
    try:
        s.recv(1)
        said = 'bytes'
    except OSError as error:
        said = type(error).__name__ + ' ' + str(error.errno)
    print(name, said, time.monotonic() - start < 3.8, flush=True)
threads = [threading.Thread(target=ask, args=pair) for pair in
           [('quiet', quiet), ('busy', busy), ('plain', plain)]]
[t.start() for t in threads]
[t.join() for t in threads]
";
    let Some(said) = in_a_network(&python, "ip link set lo up", script) else {
        return;
    };
    // 110 is ETIMEDOUT, from the kernel. The plain one only meets Python's own timeout.
    assert!(said.contains("quiet TimeoutError 110 True"), "{said}");
    assert!(said.contains("busy TimeoutError 110 True"), "{said}");
    assert!(said.contains("plain TimeoutError None False"), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn multicast_ttl_and_loop_decide_who_gets_a_datagram() {
    let python = tool!("python3");
    let setup = "ip link set lo up
        ip link add card0 type veth peer name card1
        ip link set card0 up
        ip link set card1 up
        ip address add 192.0.2.1/24 dev card0
        ip address add 192.0.2.2/24 dev card1";
    // A packet socket on the other end of the cable sees what goes out.
    let script = "
import socket, struct
GROUP = '239.255.12.12'
card = socket.inet_aton('192.0.2.1')
cable = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
cable.bind(('card1', 0x0800))
cable.settimeout(0.3)
member = socket.socket(type=socket.SOCK_DGRAM)
member.bind((GROUP, 0))
member.settimeout(0.3)
member.setsockopt(0, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(GROUP) + card)
sender = socket.socket(type=socket.SOCK_DGRAM)
sender.setsockopt(0, socket.IP_MULTICAST_IF, card)
def gets(s, number):
    try:
        while b'datagram %d' % number not in s.recv(1000): pass
        return True
    except TimeoutError:
        return False
number = 0
for ttl in (0, 1):
    for loop in (0, 1):
        sender.setsockopt(0, socket.IP_MULTICAST_TTL, ttl)
        sender.setsockopt(0, socket.IP_MULTICAST_LOOP, loop)
        number += 1
        sender.sendto(b'datagram %d' % number, member.getsockname())
        print('ttl', ttl, 'loop', loop, 'here', gets(member, number), 'cable', gets(cable, number))
";
    let Some(said) = in_a_network(&python, setup, script) else {
        return;
    };
    assert_eq!(
        said,
        "ttl 0 loop 0 here False cable False\n\
         ttl 0 loop 1 here True cable False\n\
         ttl 1 loop 0 here False cable True\n\
         ttl 1 loop 1 here True cable True\n"
    );
}
