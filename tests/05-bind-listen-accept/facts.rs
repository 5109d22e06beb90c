//! What tutorials get wrong about bind, listen and accept, shown on real sockets.

use std::io::{ErrorKind, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use socket2::{Domain, SockRef, Socket, Type};
use tests::{Program, kernel, peer, tool};

use crate::{Server, server};

fn stream() -> Socket {
    Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket")
}

/// A listener with a queue of a given length, made by hand.
fn listener(backlog: i32) -> (Socket, SocketAddr) {
    listener_from(stream(), backlog)
}

fn listener_from(listener: Socket, backlog: i32) -> (Socket, SocketAddr) {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    listener.bind(&any.into()).expect("a port");
    listener.listen(backlog).expect("a queue");
    let address = listener.local_addr().expect("its address").as_socket();
    (listener, address.expect("IPv4"))
}

/// A port on which nobody listens any more, and whose last connection the server closed
/// first: its kernel keeps it in TIME_WAIT.
#[cfg(target_os = "linux")]
fn port_in_time_wait(with_so_reuseaddr: bool) -> SocketAddr {
    let listener = stream();
    listener
        .set_reuse_address(with_so_reuseaddr)
        .expect("SO_REUSEADDR");
    let (listener, address) = listener_from(listener, 1);
    let mut client = peer::connect(address);
    drop(listener.accept().expect("the client"));
    peer::read_to_end(&mut client);
    drop((client, listener));
    // A program that another test is starting just now may hold a copy of the listener,
    // between its fork and its exec.
    tests::until("TIME_WAIT, and no listener", || {
        let rows = kernel::tcp_sockets_on(address.port());
        let is = |state| rows.iter().any(|row| row.state == state);
        (is(kernel::TIME_WAIT) && !is(kernel::LISTEN)).then_some(())
    });
    address
}

/// Claim: Backlog 10: the 11th client is refused.
/// Truth: Linux queues 11, then drops further SYNs: the 12th waits; once there is room
/// it connects on its retry (listen(2)).
#[cfg(target_os = "linux")]
#[test]
fn a_backlog_of_10_queues_11_and_the_12th_is_not_refused_but_waits() {
    let (_listener, address) = listener(10);
    let _queued: Vec<TcpStream> = (0..11).map(|_| peer::connect(address)).collect();
    let rows = kernel::tcp_sockets_on(address.port());
    let row = rows.iter().find(|row| row.state == kernel::LISTEN);
    assert_eq!(row.expect("the listener").receive_queue, 11);
    let waited = TcpStream::connect_timeout(&address, Duration::from_millis(300));
    assert_eq!(waited.expect_err("no place").kind(), ErrorKind::TimedOut);
}

/// Claim: Backlog 10: the 11th client is refused.
#[cfg(target_os = "linux")]
#[test]
fn a_client_that_did_not_fit_connects_on_its_retry_once_there_is_room() {
    let (listener, address) = listener(0);
    let _first = peer::connect(address);
    let waiting = std::thread::spawn(move || {
        let start = std::time::Instant::now();
        peer::connect(address);
        start.elapsed()
    });
    tests::until("its first SYN was sent, and dropped", || {
        let mut all = kernel::tcp_sockets().into_iter();
        all.find(|row| row.remote == address && row.state == kernel::SYN_SENT)
    });
    listener.accept().expect("the first");
    // It does not hear of the room: it waits until its timer sends the next SYN.
    let took = waiting.join().expect("it connects");
    assert!(took >= Duration::from_millis(900), "{took:?}");
    assert!(took <= Duration::from_millis(3500), "{took:?}");
}

/// Claim: A client that resets before accept gives ECONNABORTED.
/// Truth: not on Linux: accept succeeds, then peer_addr gives ENOTCONN and the first
/// read ECONNRESET.
#[cfg(target_os = "linux")]
#[test]
fn a_client_that_resets_before_accept_is_accepted_and_has_no_peer_address() {
    let (listener, address) = listener(1);
    let client = peer::connect(address);
    let was = client.local_addr().expect("its address");
    peer::reset(client);
    tests::until("the reset was sent", || {
        let mut rows = kernel::tcp_sockets_on(was.port()).into_iter();
        let is_it = |row: &kernel::TcpRow| row.local == was && row.remote == address;
        (!rows.any(|row| is_it(&row))).then_some(())
    });
    let (mut accepted, from) = listener.accept().expect("no ECONNABORTED on Linux");
    assert_eq!(from.as_socket(), Some(was), "accept knows who it was");
    let error = accepted.peer_addr().expect_err("it has gone");
    assert_eq!(error.kind(), ErrorKind::NotConnected);
    let error = accepted.read(&mut [0]).expect_err("the reset is told once");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(accepted.read(&mut [0]).expect("and then the end"), 0);
}

/// Claim: SO_REUSEADDR lets two servers share a port.
/// Truth: Linux TCP: two listeners still get EADDRINUSE, it only lets bind pass
/// TIME_WAIT; Linux UDP: both bind, and the last one receives. Windows: it lets another
/// process take the port (socket(7)).
#[cfg(target_os = "linux")]
#[test]
fn so_reuseaddr_does_not_let_two_tcp_servers_share_a_port() {
    let (first, second) = (stream(), stream());
    first.set_reuse_address(true).expect("SO_REUSEADDR");
    second.set_reuse_address(true).expect("SO_REUSEADDR");
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    first.bind(&any.into()).expect("a port");
    first.listen(1).expect("a queue");
    let same = first.local_addr().expect("its address");
    let error = second.bind(&same).expect_err("somebody listens there");
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
}

/// Claim: SO_REUSEADDR lets two servers share a port.
#[cfg(target_os = "linux")]
#[test]
fn so_reuseaddr_passes_time_wait() {
    let address = port_in_time_wait(true);
    let without = stream().bind(&address.into()).expect_err("for a minute");
    assert_eq!(without.kind(), ErrorKind::AddrInUse);
    let with = stream();
    with.set_reuse_address(true).expect("SO_REUSEADDR");
    with.bind(&address.into()).expect("it is ours again");
    with.listen(1).expect("and it serves again");
}

#[cfg(target_os = "linux")]
#[test]
fn so_reuseaddr_does_not_help_where_the_old_server_had_not_set_it() {
    let address = port_in_time_wait(false);
    let with = stream();
    with.set_reuse_address(true).expect("SO_REUSEADDR");
    let error = with.bind(&address.into()).expect_err("Linux asks both");
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
}

/// Claim: std's TcpListener needs SO_REUSEADDR set by hand.
/// Truth: std sets it on Unix; socket2 does not.
#[cfg(unix)]
#[test]
fn stds_listener_sets_so_reuseaddr_and_socket2_does_not() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let by_std = SockRef::from(&listener).reuse_address();
    assert!(by_std.expect("getsockopt"));
    assert!(!stream().reuse_address().expect("getsockopt"));
}

/// Claim: Address already in use: choose another port.
/// Truth: the cause is a live listener or TIME_WAIT: find it (`ss -tlnp`), or set
/// SO_REUSEADDR (socket(7)).
#[cfg(target_os = "linux")]
#[test]
fn an_address_in_use_has_a_live_listener_or_is_in_time_wait() {
    // A live listener: no option helps, only its end.
    let (holder, address) = listener(1);
    let taken = |address: SocketAddr| stream().bind(&address.into()).is_err();
    assert!(taken(address));
    drop(holder);
    tests::until("the port is free", || (!taken(address)).then_some(()));
    // Nobody at all: the end of a connection of yesterday's server.
    let address = port_in_time_wait(true);
    let listeners = kernel::tcp_sockets_on(address.port());
    assert!(listeners.iter().all(|row| row.state != kernel::LISTEN));
    assert!(taken(address));
}

/// Claim: Ports over 1024 are free to use.
/// Truth: Linux gives 32768–60999 to outgoing connections, IANA reserves 49152 and
/// above; the privileged limit is a sysctl (ip(7), RFC 6335).
#[cfg(target_os = "linux")]
#[test]
fn a_port_over_1024_may_be_taken_by_an_outgoing_connection() {
    let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range");
    let range = range.expect("ip(7)");
    let bounds: Vec<u16> = range.split_whitespace().flat_map(str::parse).collect();
    let (_listener, address) = peer::listener();
    let outgoing = peer::connect(address);
    let own = outgoing.local_addr().expect("its address");
    assert!(
        (bounds[0]..=bounds[1]).contains(&own.port()),
        "{own} {bounds:?}"
    );
    let server = stream();
    server.set_reuse_address(true).expect("SO_REUSEADDR");
    let error = server.bind(&own.into()).expect_err("a client has it");
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
}

/// Claim: Ports over 1024 are free to use.
#[cfg(target_os = "linux")]
#[test]
fn the_first_unprivileged_port_is_a_setting() {
    let setpriv = tool!("setpriv");
    if !tests::namespace::allowed() {
        return;
    }
    let start = |first: u16, port: u16| {
        let program =
            Program::of("bind-listen-accept").args([format!("127.0.0.1:{port}")]);
        let program = program.through(&setpriv, ["--bounding-set=-net_bind_service"]);
        let setup = format!(
            "ip link set lo up
            echo {first} > /proc/sys/net/ipv4/ip_unprivileged_port_start"
        );
        tests::namespace::around(program, &setup).start()
    };
    for (first, port) in [(1024, 80), (9000, 8888)] {
        start(first, port)
            .ends()
            .code(1)
            .complained("permission denied (EACCES)");
    }
    for (first, port) in [(80, 80), (1024, 8888)] {
        assert_eq!(start(first, port).address().port(), port);
    }
}

/// Claim: 127.0.0.1 means only I can reach it.
/// Truth: every local user, and every web page in a local browser, can try.
#[test]
fn on_127_0_0_1_every_user_and_every_browser_of_this_machine_is_a_client() {
    // What a page of any web site makes a browser send: `fetch("http://127.0.0.1:8888")`.
    let mut server = Server::start("bind-listen-accept");
    let mut browser = peer::connect(server.address);
    let request =
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: https://evil.example\r\n\r\n";
    peer::write(&mut browser, request);
    server.running.line("Origin: https://evil.example");
    assert_eq!(peer::read_to_end(&mut browser), b"Hello, client!\n");
}

#[cfg(target_os = "linux")]
#[test]
fn on_127_0_0_1_another_user_is_a_client() {
    let (curl, setpriv) = (tool!("curl"), tool!("setpriv"));
    if !nix::unistd::geteuid().is_root() {
        tests::skip!("only root can become another user");
    }
    let server = Server::start("bind-listen-accept");
    let url = format!("http://{}/", server.address);
    let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    let program = Program::at(curl).args(["-s", "--http0.9", &url]);
    let ended = program.through(setpriv, nobody).run();
    ended.code(0);
    assert_eq!(ended.stdout, "Hello, client!\n");
}

#[test]
fn accept_returns_a_new_socket_and_the_listener_listens_on() {
    let (listener, address) = listener(2);
    let (one, two) = (peer::connect(address), peer::connect(address));
    let (first, _) = listener.accept().expect("one");
    let (second, _) = listener.accept().expect("two");
    // Both have the listener's own address and port; the other end tells them apart.
    for (accepted, client) in [(first, one), (second, two)] {
        let own = accepted.local_addr().ok().and_then(|own| own.as_socket());
        assert_eq!(own, Some(address));
        let peer = accepted.peer_addr().ok().and_then(|peer| peer.as_socket());
        assert_eq!(peer, client.local_addr().ok());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn clients_in_the_queue_are_reset_when_the_listener_is_closed() {
    let (listener, address) = listener(1);
    let mut client = peer::connect(address);
    drop(listener);
    let error = client.read(&mut [0]).expect_err("nobody has accepted it");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

/// Claim: close delivers what is left.
#[cfg(target_os = "linux")]
#[test]
fn closing_with_unread_input_resets_and_the_drain_avoids_it() {
    // What the server would do without its hang_up.
    let (listener, address) = listener(1);
    let mut client = peer::connect(address);
    peer::write(&mut client, "unread");
    let (accepted, _) = listener.accept().expect("the client");
    tests::until("the bytes are there", || {
        accepted.peek(&mut [std::mem::MaybeUninit::uninit()]).ok()
    });
    drop(accepted);
    let error = client.read(&mut [0]).expect_err("a reset");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    // And with it.
    let running = server("bind-listen-accept", &[]).start();
    let address = kernel::comes_to_listen(running.pid());
    let mut client = peer::connect(address);
    peer::write(&mut client, [b'x'; 5000]);
    assert_eq!(peer::read_to_end(&mut client), b"Hello, client!\n");
}

/// How much of an answer of at most 2,000,000 bytes arrives when the server closes while a
/// word of the client lies unread, with the drain and without; and how much it had sent.
#[cfg(target_os = "linux")]
fn arrives_of_a_long_answer(drains: bool) -> (usize, usize) {
    use std::io::Write;
    let (listener, address) = listener(1);
    let mut client = peer::connect(address);
    peer::write(&mut client, "unread");
    let (mut accepted, _) = listener.accept().expect("the client");
    tests::until("the word is there", || {
        accepted.peek(&mut [std::mem::MaybeUninit::uninit()]).ok()
    });
    accepted.set_nonblocking(true).expect("O_NONBLOCK");
    let mut sent = 0;
    while sent < 2_000_000 {
        match accepted.write(&[b'x'; 50_000]) {
            Ok(count) => sent += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => panic!("{error}"),
        }
    }
    accepted.set_nonblocking(false).expect("no O_NONBLOCK");
    let mut read_to_the_end = move || {
        let mut arrived = 0;
        while let Ok(count @ 1..) = client.read(&mut [0; 65_536]) {
            arrived += count;
        }
        arrived
    };
    if drains {
        let reader = std::thread::spawn(read_to_the_end);
        accepted
            .shutdown(std::net::Shutdown::Write)
            .expect("it is open");
        while let Ok(1..) = accepted.read(&mut [0; 64]) {}
        (reader.join().expect("no panic"), sent)
    } else {
        drop(accepted);
        (read_to_the_end(), sent)
    }
}

/// Claim: close delivers what is left.
#[cfg(target_os = "linux")]
#[test]
fn a_close_with_unread_input_cuts_a_long_answer_and_the_drain_does_not() {
    let (arrived, sent) = arrives_of_a_long_answer(false);
    println!("{arrived} of {sent} bytes arrived"); // some 128,000 of 2,000,000
    assert!(sent > 1_000_000, "the kernel took {sent}");
    assert!(arrived < sent / 2, "{arrived} of {sent}");
    let (arrived, sent) = arrives_of_a_long_answer(true);
    assert_eq!(arrived, sent);
}
