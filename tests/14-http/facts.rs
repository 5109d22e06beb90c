//! What the chapter claims of the kernel and of the protocol, on real sockets.

use std::io::{ErrorKind, Read};
use std::thread;
use std::time::{Duration, Instant};

use tests::peer;

use crate::{answer, answering, closes, http, saved, server};

#[test]
fn a_look_without_waiting_tells_a_quiet_connection_from_a_closed_one() {
    let (listener, address) = peer::listener();
    let client = peer::connect(address);
    let (mut server, _) = listener.accept().expect("a client");
    client.set_nonblocking(true).expect("O_NONBLOCK");
    let mut byte = [0];
    let quiet = client.peek(&mut byte).expect_err("nothing is there");
    assert_eq!(quiet.kind(), ErrorKind::WouldBlock);
    peer::write(&mut server, "x");
    let look = || client.peek(&mut [0]).ok();
    assert_eq!(tests::until("the byte", look), 1);
    assert_eq!(tests::until("the byte, once more", look), 1);
    (&client).read_exact(&mut byte).expect("peek has left it");
    drop(server);
    assert_eq!(tests::until("the end", look), 0);
}

/// Claim: A receive timeout limits how long a download takes.
/// Truth: SO_RCVTIMEO begins anew with each recv: a byte now and then never meets it
/// (socket(7)).
#[test]
fn the_kernels_timeout_begins_anew_with_each_recv() {
    let (listener, address) = peer::listener();
    let mut client = peer::connect(address);
    let (mut server, _) = listener.accept().expect("a client");
    let timeout = Duration::from_millis(500);
    client.set_read_timeout(Some(timeout)).expect("SO_RCVTIMEO");
    let dripping = thread::spawn(move || {
        for _ in 0..15 {
            thread::sleep(Duration::from_millis(50)); // the dripping itself
            peer::write(&mut server, "x");
        }
    });
    let began = Instant::now();
    let mut all = Vec::new();
    client
        .read_to_end(&mut all)
        .expect("no timeout, in all this time");
    assert_eq!(all.len(), 15);
    assert!(began.elapsed() > timeout, "{:?}", began.elapsed());
    dripping.join().expect("no panic");
}

/// Claim: An HTTP answer ends where the server closes.
#[test]
fn half_a_body_without_a_length_looks_whole() {
    let (address, _server) = answering("HTTP/1.1 200 OK\r\n\r\nThe first wor");
    assert_eq!(saved(http(address)), b"The first wor");
}

#[test]
fn a_request_can_be_sent_to_a_server_that_has_closed() {
    let (listener, address) = peer::listener();
    let mut client = peer::connect(address);
    drop(listener.accept().expect("a client"));
    tests::until("the end has come", || {
        (client.peek(&mut [0]).expect("an end") == 0).then_some(())
    });
    // The kernel takes it, and the answer is a reset.
    peer::write(&mut client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    let (end, _) = (client.read(&mut [0]), address);
    assert!(end.is_ok_and(|count| count == 0), "nobody answers");
}

#[test]
fn a_second_request_on_an_open_connection_needs_no_second_handshake() {
    // One connection in the kernel's table for both answers: the port is the same.
    let (address, served) = server([closes(&[&answer("one"), &answer("two")])]);
    let ended = http(address).args(["--path", "/1", "--path", "/2"]).run();
    ended.code(0);
    assert_eq!(
        ended.stderr.matches("* connected to").count(),
        1,
        "{ended:?}"
    );
    assert_eq!(served.join().expect("one connection").len(), 1);
}
