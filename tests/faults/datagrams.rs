//! What UDP servers meet. Each datagram is a message, and nobody has a connection.

use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use nix::sys::signal::Signal::{SIGINT, SIGTERM};
use socket2::{Domain, Socket, Type};
use tests::{ANSWER, Running, kernel, namespace, no_way, tool, until};

use crate::every_program::DISK_IS_FULL;
use crate::means::{Injection, held, settles};
use crate::row::{Row, UdpServer};

/// A socket on 127.0.0.1 whose recv has a deadline.
pub fn socket() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    socket.set_read_timeout(Some(ANSWER)).expect("a deadline");
    socket
}

/// The next datagram, and who sent it.
#[track_caller]
pub fn receive(socket: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut buffer = vec![0; 65_535];
    let (length, sender) = socket.recv_from(&mut buffer).expect("a datagram");
    buffer.truncate(length);
    (buffer, sender)
}

fn has_nothing(socket: &UdpSocket) -> bool {
    socket.set_nonblocking(true).expect("O_NONBLOCK");
    let received = socket.recv_from(&mut [0; 100]);
    socket.set_nonblocking(false).expect("O_NONBLOCK");
    received.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}

/// A server that runs, and its address.
fn up(row: &Row, options: &[&str]) -> (Running, SocketAddr) {
    let mut running = row.program("127.0.0.1:0", options).start();
    let address = running.address();
    (running, address)
}

impl UdpServer {
    /// The server answers this client, from where it was sent to.
    #[track_caller]
    fn answers_to(&self, client: &UdpSocket, address: SocketAddr, datagram: &[u8]) {
        client.send_to(datagram, address).expect("it is sent");
        let (answer, sender) = receive(client);
        assert_eq!(sender, address, "it comes from where we sent to");
        assert!(answer == (self.answer)(datagram), "{} bytes", answer.len());
    }

    /// The server answers a new client.
    #[track_caller]
    fn answers(&self, address: SocketAddr, datagram: &[u8]) {
        self.answers_to(&socket(), address, datagram);
    }
}

pub fn a_peer_that_does_not_read_stops_nobody_else(row: &Row, server: &UdpServer) {
    let (_running, address) = up(row, &[]);
    let deaf = socket();
    // Its queue is full after some hundred answers. The server does not notice.
    for _ in 0..50 {
        for _ in 0..40 {
            deaf.send_to(&[b'x'; 1000], address).expect("sent");
        }
        server.answers(address, b"hello");
    }
}

pub fn an_interrupted_call_is_made_again(row: &Row, server: &UdpServer) {
    let (running, address) = up(row, &[]);
    for _ in 0..3 {
        running.interrupt_its_call();
        server.answers(address, b"hello");
    }
    // Its recv may wait without a timeout, and then SIGCONT makes the kernel call it again.
    let rules = [
        "recvfrom:error=EINTR:when=1..3",
        "sendto:error=EINTR:when=1..3",
    ];
    let program = row.program("127.0.0.1:0", &[]);
    let (program, injection) = Injection::into(program, tool!("strace"), &rules);
    let mut running = program.start();
    server.answers(running.address(), b"hello");
    injection.has_happened();
}

pub fn trouble_of_one_call_is_survived(row: &Row, server: &UdpServer) {
    let strace = tool!("strace");
    for errno in ["ENOMEM", "EHOSTUNREACH"] {
        let rule = format!("recvfrom:error={errno}:when=1");
        let program = row.program("127.0.0.1:0", &[]);
        let (program, injection) = Injection::into(program, strace.clone(), &[&rule]);
        let mut running = program.start();
        server.answers(running.address(), b"hello");
        injection.has_happened();
    }
}

pub fn a_closed_output_is_no_panic(row: &Row, server: &UdpServer) {
    let running = row.program("127.0.0.1:0", &[]).start_with_closed_output();
    let address = kernel::comes_to_listen(running.pid());
    for _ in 0..3 {
        server.answers(address, b"hello");
    }
    running.interrupt();
    let ended = running.ends();
    ended.code(0);
    assert_eq!(ended.stderr, "");
}

pub fn a_full_disk_behind_its_output_is_told(row: &Row, server: &UdpServer) {
    let running = row.program("127.0.0.1:0", &[]).start_with_full_disk();
    let address = kernel::comes_to_listen(running.pid());
    server.answers(address, b"hello");
    running.interrupt();
    running.ends().code(1).complained(DISK_IS_FULL);
}

pub fn an_output_that_nobody_reads_stops_nobody(row: &Row, server: &UdpServer) {
    let program = row.program("127.0.0.1:0", &[]);
    let (running, mut output) = program.start_with_unread_output();
    let address = kernel::comes_to_listen(running.pid());
    server.answers(address, b"it has printed where it listens");
    output.fill_beside(&running);
    for _ in 0..3 {
        server.answers(address, b"hello");
    }
    running.interrupt();
    running.ends_within(Duration::from_secs(2)).code(0);
}

pub fn it_restarts_at_once_on_the_same_port(row: &Row, server: &UdpServer) {
    // On an address of its own, so that no other test takes the port in between.
    let mut first = row.program("127.0.8.1:0", &[]).start();
    let address = first.address();
    server.answers(address, b"one");
    first.interrupt();
    first.ends().code(0);
    let mut second = row.program(address, &[]).start();
    assert_eq!(second.address(), address);
    server.answers(address, b"two");
}

pub fn bytes_that_are_not_text_are_no_panic(row: &Row, server: &UdpServer) {
    let (_running, address) = up(row, &[]);
    server.answers(address, b"\xff\xf4\xff\xfd\x06\0\xc3a\x1b[2J");
}

pub fn an_empty_datagram_is_a_datagram(row: &Row, server: &UdpServer) {
    let (mut running, address) = up(row, &[]);
    server.answers(address, b"");
    if !row.is_plain {
        running.line("sent 0 bytes");
    }
    server.answers(address, b"more");
}

/// By a buffer into which the longest datagram fits: nothing is cut off.
pub fn a_truncated_datagram_is_told(row: &Row, server: &UdpServer) {
    let (_running, address) = up(row, &[]);
    server.answers(address, &[b'x'; 65_507]);
}

/// The server remembers nothing: a doubled request has two answers, the same.
pub fn lost_and_doubled_datagrams_are_survived(row: &Row, server: &UdpServer) {
    let (_running, address) = up(row, &[]);
    let client = socket();
    client.send_to(b"twice", address).expect("sent");
    client.send_to(b"twice", address).expect("sent");
    for _ in 0..2 {
        assert_eq!(receive(&client).0, (server.answer)(b"twice"));
    }
    assert!(has_nothing(&client));
}

/// The sender has gone before the answer: the server hears of it at most, and whatever send
/// or recv return because of it ends nothing.
pub fn a_dead_port_is_told(row: &Row, server: &UdpServer) {
    let (_running, address) = up(row, &[]);
    let client = socket(); // before the others, so that it gets none of their ports
    for _ in 0..100 {
        socket().send_to(b"gone", address).expect("sent");
    }
    server.answers_to(&client, address, b"hello");
    for (errno, told) in [
        ("ECONNREFUSED", "connection refused (ECONNREFUSED)"),
        ("EPERM", "operation not permitted (EPERM)"),
        ("EMSGSIZE", "message too long (EMSGSIZE)"),
        ("ENOBUFS", "no buffer space available (ENOBUFS)"),
        ("EHOSTUNREACH", "host unreachable (EHOSTUNREACH)"),
    ] {
        let rules = [
            "recvfrom:error=ECONNREFUSED:when=1",
            &format!("sendto:error={errno}:when=1"),
        ];
        let program = row.program("127.0.0.1:0", &[]);
        let (program, injection) = Injection::into(program, tool!("strace"), &rules);
        let mut running = program.start();
        let address = running.address();
        let unlucky = socket();
        unlucky.send_to(b"hello", address).expect("sent");
        injection.has_happened();
        let name = unlucky.local_addr().expect("its address");
        if !row.is_plain {
            running.complains(&(server.lost)(name, told));
        }
        server.answers(address, b"hello");
    }
}

/// One socket for all: an answer goes to the one who asked, and to no other.
pub fn a_stranger_is_not_believed(row: &Row, server: &UdpServer) {
    let (_running, address) = up(row, &[]);
    let (one, other) = (socket(), socket());
    server.answers_to(&one, address, b"one");
    assert!(has_nothing(&other), "what another has asked for");
    server.answers_to(&other, address, b"two");
    assert!(has_nothing(&one), "what another has asked for");
}

pub fn ctrl_c_and_sigterm_end_it_cleanly(row: &Row, server: &UdpServer) {
    for signal in [SIGINT, SIGTERM] {
        for with_client in [false, true] {
            let mut running = row.program("127.0.8.2:0", &[]).start();
            let address = running.address();
            if with_client {
                server.answers(address, b"hello");
            }
            running.signal(signal);
            let ended = running.ends_within(Duration::from_secs(1));
            ended.code(0);
            assert_eq!(ended.stderr, "");
            UdpSocket::bind(address).expect("the port is free at once");
        }
    }
}

pub fn a_scoped_address_is_understood(row: &Row, _: &UdpServer) {
    no_way::scoped_listener(|address| row.program(address, &[]));
}

/// Also where the other one would share it, we do not take its datagrams.
pub fn a_port_in_use_is_told(row: &Row, _: &UdpServer) {
    for shared in [false, true] {
        let holder = Socket::new(Domain::IPV4, Type::DGRAM, None).expect("a socket");
        holder.set_reuse_address(shared).expect("SO_REUSEADDR");
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        holder.bind(&any.into()).expect("a port");
        let address = holder.local_addr().expect("its address").as_socket();
        let address = address.expect("IPv4");
        let ended = row.program(address, &[]).run();
        let told =
            format!("cannot listen on {address}: address already in use (EADDRINUSE)");
        ended.code(1).complained(&told);
        let shows = match tests::windows_programs() {
            Some(_) => "`netstat -ano`",
            None => "`ss -ulnp`",
        };
        assert!(ended.stderr.contains(shows), "{ended:?}");
        assert_eq!(ended.stdout, "");
    }
}

/// UDP has no reset: ten thousand clients that are gone before their answer.
pub fn ten_thousand_resets_leave_nothing_behind(row: &Row, server: &UdpServer) {
    let (running, address) = up(row, &[]);
    let pid = running.pid();
    let client = socket(); // before the others, so that it gets none of their ports
    let thousand = || {
        for _ in 0..50 {
            for _ in 0..20 {
                socket().send_to(&[b'x'; 50], address).expect("sent");
            }
            server.answers_to(&client, address, b"hello");
        }
    };
    thousand();
    let idle = settles(pid);
    let at_rest = || {
        until("as many threads and descriptors as before", || {
            (held(pid) == idle).then(|| kernel::resident_kib(pid))
        })
    };
    let before = at_rest();
    (1..10).for_each(|_| thousand());
    let grown = at_rest().saturating_sub(before);
    assert!(grown < 512, "{grown} KiB more");
}

pub fn it_listens_on_loopback_only(row: &Row, server: &UdpServer) {
    if !namespace::allowed() {
        return;
    }
    // The default itself, in a network of its own where nobody else has the port.
    let program = namespace::around(row.bare(), "ip link set lo up");
    let mut running = program.start();
    assert_eq!(running.address().to_string(), server.default);
    let default: SocketAddr = server.default.parse().expect("an address");
    assert!(default.ip().is_loopback());
    assert_eq!(kernel::listening(running.pid()), [default]);
}
