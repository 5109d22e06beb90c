//! What chapter 11 claims of the kernel.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use nix::sys::select::{FdSet, select};
use nix::sys::time::{TimeVal, TimeValLike};
use socket2::SockRef;
use tests::peer;

/// A client, and the server's end of its connection, both nonblocking.
fn pair() -> (TcpStream, TcpStream) {
    let (listener, address) = peer::listener();
    let client = peer::connect(address);
    let (server, _) = listener.accept().expect("the client");
    for end in [&client, &server] {
        end.set_nonblocking(true).expect("nonblocking");
    }
    (client, server)
}

/// Writes until the kernel takes no more; returns how much it took.
fn fill(stream: &mut TcpStream) -> usize {
    let chunk = [b'x'; 16 * 1024];
    let mut taken = 0;
    loop {
        match stream.write(&chunk) {
            Ok(count) => taken += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return taken,
            Err(error) => panic!("{error}"),
        }
    }
}

/// Whether select finds the stream readable, and writable, within half a second.
fn ready(stream: &TcpStream) -> (bool, bool) {
    let (mut read, mut write) = (FdSet::new(), FdSet::new());
    read.insert(stream.as_fd());
    write.insert(stream.as_fd());
    let mut half = TimeVal::milliseconds(500);
    select(None, &mut read, &mut write, None, &mut half).expect("select");
    (
        read.contains(stream.as_fd()),
        write.contains(stream.as_fd()),
    )
}

/// Claim: select says writable, so a write won't block.
#[test]
fn a_nonblocking_write_takes_a_part_or_says_would_block_and_never_waits() {
    let (_client, mut server) = pair();
    let large = vec![b'x'; 64 * 1024 * 1024];
    let start = Instant::now();
    let taken = server.write(&large).expect("a part of it");
    assert!(0 < taken && taken < large.len(), "{taken}");
    fill(&mut server);
    assert!(start.elapsed() < Duration::from_secs(1));
    assert_eq!(ready(&server), (false, false));
}

/// Claim: A server notices at once that a client no longer reads.
/// Truth: only when the kernel's buffers on both sides are full, megabytes later.
#[test]
fn who_stops_reading_is_noticed_only_after_the_kernels_own_buffers_are_full() {
    let (_client, mut server) = pair();
    let taken = fill(&mut server);
    println!("the kernel took {taken} bytes");
    assert!(taken > 64 * 1024, "{taken}");
}

/// Claim: To be ready to write, watch every socket for it.
/// Truth: a socket is writable nearly always, so select would never sleep: watch it
/// only while something waits.
#[test]
fn a_socket_is_writable_nearly_always_and_would_keep_select_from_sleeping() {
    let (mut client, mut server) = pair();
    assert_eq!(ready(&server), (false, true));
    fill(&mut server);
    assert_eq!(ready(&server), (false, false));
    // As soon as the other one reads on, there is room.
    let mut chunk = vec![0; 1024 * 1024];
    tests::until("room", || {
        match client.read(&mut chunk) {
            Ok(_) => {}
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
        }
        ready(&server).1.then_some(())
    });
}

/// Claim: A closed connection has to be noticed by a failing write.
/// Truth: it is readable: the read gives 0, or ECONNRESET once.
#[test]
fn a_closed_and_a_reset_connection_are_readable_and_the_read_tells_which() {
    let (client, mut server) = pair();
    drop(client);
    assert!(ready(&server).0);
    assert_eq!(server.read(&mut [0]).expect("the end"), 0);
    let (client, mut server) = pair();
    peer::reset(client);
    assert!(ready(&server).0);
    let error = server.read(&mut [0]).expect_err("a reset");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    // Told once. After that the stream has simply ended, and writing is EPIPE.
    assert_eq!(server.read(&mut [0]).expect("the end"), 0);
    let error = server.write(&[0]).expect_err("nobody is there");
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
}

#[test]
fn the_end_of_a_pipe_is_readable() {
    let (mut alarm, cord) = std::io::pipe().expect("a pipe");
    let rings = |alarm: &std::io::PipeReader| {
        let mut read = FdSet::new();
        read.insert(alarm.as_fd());
        let mut now = TimeVal::milliseconds(0);
        select(None, &mut read, None, None, &mut now).expect("select") == 1
    };
    assert!(!rings(&alarm));
    drop(cord);
    assert!(rings(&alarm) && rings(&alarm));
    assert_eq!(alarm.read(&mut [0]).expect("the end"), 0);
}

/// Claim: What the listener is, accepted sockets are, too.
/// Truth: Linux: they inherit its options (TCP_NODELAY, SO_KEEPALIVE), but not
/// O_NONBLOCK (accept(2)).
#[cfg(target_os = "linux")]
#[test]
fn accepted_sockets_inherit_options_but_not_that_they_are_nonblocking() {
    let (listener, address) = peer::listener();
    listener.set_nonblocking(true).expect("nonblocking");
    let socket = SockRef::from(&listener);
    socket.set_tcp_nodelay(true).expect("TCP_NODELAY");
    socket.set_keepalive(true).expect("SO_KEEPALIVE");
    let _client = peer::connect(address);
    let (accepted, _) = listener.accept().expect("the client");
    let socket = SockRef::from(&accepted);
    assert!(socket.tcp_nodelay().expect("it") && socket.keepalive().expect("it"));
    assert!(!socket.nonblocking().expect("it"));
}

#[test]
fn an_accept_that_finds_nobody_says_would_block() {
    let (listener, _) = peer::listener();
    listener.set_nonblocking(true).expect("nonblocking");
    let error = listener.accept().expect_err("nobody is there");
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
}

/// Claim: Small lines go out at once.
/// Truth: Nagle's algorithm keeps the second back until the first is acknowledged, 40
/// ms later; TCP_NODELAY (RFC 896, RFC 1122 4.2.3.2).
#[cfg(target_os = "linux")]
#[test]
fn with_nagles_algorithm_a_second_line_waits_for_the_acknowledgement_of_the_first() {
    let second_line_after = |nodelay: bool| {
        let (mut client, mut server) = pair();
        client.set_nonblocking(false).expect("blocking");
        server.set_nodelay(nodelay).expect("TCP_NODELAY");
        let mut waits: Vec<_> = (0..15)
            .map(|_| {
                // Who talks, too, acknowledges late: with its next line, or after 40 ms.
                client.write_all(b"me\r\n").expect("room");
                tests::until("the line", || server.read(&mut [0; 16]).ok());
                let start = Instant::now();
                server.write_all(b"one\r\n").expect("room");
                server.write_all(b"two\r\n").expect("room");
                peer::read_bytes(&mut client, 10);
                start.elapsed()
            })
            .collect();
        waits.sort();
        waits[waits.len() / 2]
    };
    let (with, without) = (second_line_after(false), second_line_after(true));
    println!("the second line took {with:?}, with TCP_NODELAY {without:?}");
    assert!(with > Duration::from_millis(20), "{with:?}");
    assert!(without < with / 2, "{without:?}, and with Nagle {with:?}");
}
