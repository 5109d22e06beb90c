//! What tutorials get wrong about sending, receiving and closing, shown on real sockets.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::Duration;

use socket2::Socket;
use tests::peer;

/// Both ends of a connection, with deadlines.
fn pair() -> (Socket, TcpStream) {
    let (listener, address) = peer::listener();
    let client = peer::connect(address);
    let (server, _) = listener.accept().expect("a client");
    (client.into(), peer::with_deadlines(server))
}

/// Sends until the kernel takes no more; returns how many bytes it took. Nobody reads.
fn fill(socket: &Socket) -> usize {
    socket.set_nonblocking(true).expect("O_NONBLOCK");
    let piece = [b'x'; 64 * 1024];
    let mut taken = 0;
    loop {
        match socket.send(&piece) {
            Ok(count) => taken += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => panic!("{error}"),
        }
    }
    socket.set_nonblocking(false).expect("blocking again");
    taken
}

/// Waits until the bytes stand in the stream's socket, without reading them.
fn arrived(stream: &TcpStream, count: usize) {
    let mut bytes = vec![0; count];
    tests::until("the bytes have come", || {
        (stream.peek(&mut bytes).expect("a connection") == count).then_some(())
    });
}

/// Claim: send or sendall returned, so the peer has it.
/// Truth: the bytes were copied to the kernel; megabytes can be accepted with nobody
/// reading (send(2)).
#[test]
fn send_returns_when_the_kernel_has_the_bytes_and_not_the_peer() {
    let (sender, receiver) = pair();
    let taken = fill(&sender);
    // Megabytes on Linux; other systems have smaller buffers, but none has none.
    let least = if cfg!(target_os = "linux") {
        1_000_000
    } else {
        16_000
    };
    assert!(
        taken > least,
        "{taken} bytes, and nobody has read one of them"
    );
    drop(receiver);
}

/// Claim: sendall is atomic; send loses the rest.
/// Truth: send reports how many bytes it took, the caller sends the rest; the kernel
/// loses nothing (send(2)).
#[test]
fn send_says_how_many_bytes_it_took_and_the_caller_sends_the_rest() {
    let (sender, mut receiver) = pair();
    let all: Vec<u8> = (0..10_000_000_u32)
        .map(|number| (number % 251) as u8)
        .collect();
    sender.set_nonblocking(true).expect("O_NONBLOCK");
    let first = sender.send(&all).expect("there is room for some");
    assert!(
        0 < first && first < all.len(),
        "it took {first} of {}",
        all.len()
    );
    sender.set_nonblocking(false).expect("blocking again");
    let expected = all.clone();
    let sending = thread::spawn(move || {
        let mut rest = &all[first..];
        while !rest.is_empty() {
            let count = sender.send(rest).expect("the peer reads");
            rest = &rest[count..];
        }
    });
    let received = peer::read_to_end(&mut receiver);
    assert!(received == expected, "nothing is lost, nothing comes twice");
    sending.join().expect("all is sent");
}

/// Claim: recv(n) gives n bytes.
/// Truth: up to n (recv(2)).
#[test]
fn recv_gives_up_to_as_many_bytes_as_were_asked_for() {
    let (mut receiver, mut sender) = pair();
    peer::write(&mut sender, "hello");
    let mut buffer = [0; 4096];
    // It does not wait for 4096 of them.
    assert_eq!(receiver.read(&mut buffer).expect("bytes"), 5);
    peer::write(&mut sender, "hello");
    assert_eq!(receiver.read(&mut buffer[..3]).expect("bytes"), 3);
    assert_eq!(receiver.read(&mut buffer).expect("the rest"), 2);
}

/// Claim: One send is one recv.
/// Truth: TCP is a stream of bytes: reads coalesce and split.
#[test]
fn one_send_is_not_one_recv() {
    let (sender, mut receiver) = pair();
    sender.send(b"one").expect("sent");
    sender.send(b"two").expect("sent");
    arrived(&receiver, 6);
    let mut buffer = [0; 4096];
    let count = receiver.read(&mut buffer).expect("bytes");
    assert_eq!(&buffer[..count], b"onetwo", "two sends, one recv");

    let sending = thread::spawn(move || sender.send(&[b'x'; 100_000]).expect("sent"));
    arrived(&receiver, 4096);
    assert_eq!(receiver.read(&mut buffer).expect("bytes"), 4096);
    assert!(
        receiver.read(&mut buffer).expect("bytes") > 0,
        "one send, many recvs"
    );
    assert!(sending.join().expect("no panic") > 4096);
}

/// Claim: A write after the peer closed fails.
/// Truth: the first succeeds, the second gives EPIPE (ECONNRESET).
#[test]
fn the_first_send_after_the_peer_closed_succeeds_and_the_second_fails() {
    let (sender, receiver) = pair();
    drop(receiver);
    // To us the peer has only said that it sends no more. It may still be reading.
    assert_eq!(sender.send(b"one").expect("the kernel takes it"), 3);
    // Its kernel answers with a reset, because nobody reads any more.
    let broken = tests::until("the reset", || sender.send(b"two").err());
    let kind = broken.kind();
    let broken = [ErrorKind::BrokenPipe, ErrorKind::ConnectionReset];
    assert!(broken.contains(&kind), "{kind:?}");
}

const REPLY: usize = 2_000_000;

/// Answers without having read the request, and closes.
fn answer_and_close(mut server: TcpStream) {
    peer::write(&mut server, [b'x'; REPLY]);
    drop(server);
}

/// Answers without having read the request, says that this was all, waits until the
/// client has closed, too, and then closes.
fn answer_and_hang_up(mut server: TcpStream) {
    peer::write(&mut server, [b'x'; REPLY]);
    server.shutdown(Shutdown::Write).expect("connected");
    peer::read_to_end(&mut server);
    drop(server);
}

/// Claim: close delivers what is left.
/// Truth: closing with unread input sends RST, and what the peer had not yet read can
/// be lost: shutdown, drain with a deadline, close (RFC 1122 4.2.2.13, RFC 2525 2.17).
#[cfg(target_os = "linux")]
#[test]
fn closing_with_unread_input_resets_and_what_was_sent_is_lost() {
    let (mut client, server) = pair();
    client.send(b"GET").expect("sent");
    arrived(&server, 3);
    // The kernel has taken all of it; the client has not read any of it yet.
    answer_and_close(server);
    let mut got = Vec::new();
    let error = client.read_to_end(&mut got).expect_err("no clean end");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert!(got.len() < REPLY, "{} of {REPLY} bytes came", got.len());
}

/// Claim: close delivers what is left.
#[test]
fn shutdown_and_reading_to_the_end_before_close_deliver_everything() {
    let (mut client, server) = pair();
    client.send(b"GET").expect("sent");
    arrived(&server, 3);
    let answering = thread::spawn(move || answer_and_hang_up(server));
    let mut got = Vec::new();
    client.read_to_end(&mut got).expect("a clean end");
    assert_eq!(got.len(), REPLY);
    drop(client);
    answering.join().expect("no panic");
}

#[test]
fn after_a_half_close_the_other_direction_still_works() {
    let (mut client, mut server) = pair();
    client.send(b"that was all").expect("sent");
    client.shutdown(Shutdown::Write).expect("connected");
    assert_eq!(peer::read_to_end(&mut server), b"that was all");
    peer::write(&mut server, "and here is the answer");
    drop(server);
    let mut got = Vec::new();
    client.read_to_end(&mut got).expect("an answer");
    assert_eq!(got, b"and here is the answer");
    let error = client.send(b"more").expect_err("we have shut it down");
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
}

/// Claim: An empty recv means closed.
/// Truth: for TCP yes; for UDP it is an empty datagram (udp(7)).
#[test]
fn an_empty_recv_means_that_the_peer_has_closed() {
    let (mut receiver, mut sender) = pair();
    let mut buffer = [0; 16];
    // Writing nothing sends nothing: nobody can be told "empty" over TCP.
    assert_eq!(sender.write(b"").expect("nothing to do"), 0);
    receiver
        .set_read_timeout(Some(Duration::from_millis(50)))
        .expect("a timeout");
    let error = receiver.read(&mut buffer).expect_err("nothing came");
    let silence = [ErrorKind::WouldBlock, ErrorKind::TimedOut];
    assert!(silence.contains(&error.kind()), "{error}");
    drop(sender);
    for _ in 0..3 {
        assert_eq!(receiver.read(&mut buffer).expect("the end, and again"), 0);
    }
}

/// Claim: TCP notices when the peer vanishes.
#[cfg(target_os = "linux")]
#[test]
fn keepalive_is_off_and_would_begin_after_two_hours() {
    let (socket, _peer) = pair();
    assert!(!socket.keepalive().expect("SO_KEEPALIVE"));
    // Seconds; 7200 unless the administrator has chosen another number (tcp(7)).
    let sysctl = std::fs::read_to_string("/proc/sys/net/ipv4/tcp_keepalive_time");
    let seconds: u64 = sysctl.expect("Linux").trim().parse().expect("a number");
    let idle = socket.tcp_keepalive_time().expect("TCP_KEEPIDLE");
    assert_eq!(idle, Duration::from_secs(seconds));
}

/// Claim: TCP notices when the peer vanishes.
/// Truth: without traffic never; keepalive is off, and would start after 7,200 s
/// (tcp(7)): set a timeout.
#[cfg(target_os = "linux")]
#[test]
fn without_traffic_a_peer_that_vanished_is_never_noticed() {
    let python = tests::tool!("python3");
    if !tests::namespace::allowed() {
        return;
    }
    // The cable is cut, the peer closes, and we hear nothing of it: recv goes on waiting,
    // and for our kernel the connection stands (state 01). A new network namespace has the
    // kernel's own default for keepalive.
    let script = "
import socket, subprocess
server = socket.create_server(('127.0.0.1', 0))
client = socket.create_connection(server.getsockname())
peer, _ = server.accept()
subprocess.run(['ip', 'link', 'set', 'lo', 'down'], check=True)
peer.close()
client.settimeout(0.3)
try:
    print('heard', client.recv(1))
except TimeoutError:
    print('heard nothing')
port = ':%04X' % client.getsockname()[1]
rows = [row.split() for row in open('/proc/net/tcp')]
print('state', [row[3] for row in rows if row[1].endswith(port)])
print('keepalive', open('/proc/sys/net/ipv4/tcp_keepalive_time').read())";
    let program = tests::Program::at(python).args(["-c", script]);
    let ended = tests::namespace::around(program, "ip link set lo up").run();
    ended.code(0);
    assert_eq!(
        ended.stdout.trim(),
        "heard nothing\nstate ['01']\nkeepalive 7200",
        "{ended:?}"
    );
}
