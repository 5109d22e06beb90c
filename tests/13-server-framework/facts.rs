//! What chapter 13 says of the kernel and of std, on real sockets and real locks.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream, UdpSocket};
use std::sync::Mutex;
use std::sync::mpsc::{TrySendError, sync_channel};
use std::thread;

use socket2::SockRef;
use tests::{ANSWER, peer};

use crate::socket;

fn pair() -> (TcpStream, TcpStream) {
    let (listener, address) = peer::listener();
    let client = peer::connect(address);
    let (server, _) = listener.accept().expect("the client");
    (client, peer::with_deadlines(server))
}

/// Claim: shutdown on the listener is the way to wake accept.
#[test]
fn a_connection_to_itself_wakes_accept() {
    let (listener, address) = peer::listener();
    let waiting = thread::spawn(move || listener.accept().is_ok());
    drop(peer::connect(address));
    assert!(waiting.join().expect("no panic"));
}

#[test]
fn an_empty_datagram_to_itself_wakes_recv_from() {
    let sleeper = socket();
    let address = sleeper.local_addr().expect("its address");
    let same: UdpSocket = sleeper.try_clone().expect("dup");
    let waiting = thread::spawn(move || sleeper.recv_from(&mut [0; 10]));
    same.send_to(b"", address).expect("sent");
    let woken = waiting.join().expect("no panic").expect("a datagram");
    assert_eq!(woken, (0, address));
}

/// Claim: `ThreadingMixIn` overrides one method.
/// Truth: two, since Python 3.7: `server_close` waits for the threads.
#[test]
fn pythons_threading_mixin_overrides_two_methods() {
    let python3 = tests::tool!("python3");
    let script = "
import socketserver
base = set(dir(socketserver.TCPServer))
print(sorted(base & {name for name in vars(socketserver.ThreadingMixIn) if name[0] != '_'}))
";
    let ended = tests::Program::at(python3).args(["-c", script]).run();
    assert_eq!(ended.stdout, "['process_request', 'server_close']\n");
}

/// Claim: shutdown on the listener is the way to wake accept.
/// Truth: it wakes it on Linux, and resets everybody who waits in the queue; a connection
/// to oneself resets nobody, but wants a descriptor, and accept may have reserved the
/// last one.
#[cfg(target_os = "linux")]
#[test]
fn shutdown_on_a_listener_resets_who_waits_in_its_queue() {
    let (listener, address) = peer::listener();
    let mut queued = peer::connect(address);
    let shut = SockRef::from(&listener).shutdown(Shutdown::Read);
    shut.expect("on Linux");
    let error = queued.read(&mut [0]).expect_err("a reset");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

#[test]
fn shutting_down_our_reading_half_ends_a_recv_of_another_thread() {
    let (_client, server) = pair();
    let reader = server.try_clone().expect("dup");
    let waiting = thread::spawn(move || (&reader).read(&mut [0]));
    server.shutdown(Shutdown::Read).expect("connected");
    assert_eq!(waiting.join().expect("no panic").expect("the end"), 0);
}

#[cfg(unix)]
#[test]
fn shutting_down_our_writing_half_ends_a_send_of_another_thread() {
    let (_client, server) = pair();
    let mut writer = server.try_clone().expect("dup");
    let (tell, told) = sync_channel(1);
    let waiting = thread::spawn(move || {
        tell.send(()).expect("the test listens");
        loop {
            // Nobody reads: soon this waits.
            if let Err(error) = writer.write_all(&[b'x'; 65_536]) {
                return error;
            }
        }
    });
    told.recv_timeout(ANSWER).expect("it begins");
    server.shutdown(Shutdown::Write).expect("connected");
    let error = waiting.join().expect("no panic");
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
}

/// The mistake that makes a pool of one out of a pool of ten.
///
/// Claim: A pool of N threads serves N clients.
/// Truth: only if no worker holds the lock of the queue while it works: `while let`
/// would; and clients who say nothing hold all of them.
#[test]
fn a_lock_in_the_head_of_while_let_is_held_in_its_body_and_one_in_a_let_is_not() {
    let jobs = Mutex::new(VecDeque::from([1]));
    while let Some(_job) = jobs.lock().expect("no panic").pop_front() {
        assert!(jobs.try_lock().is_err(), "nobody else gets a job meanwhile");
    }
    jobs.lock().expect("no panic").push_back(2);
    loop {
        let job = jobs.lock().expect("no panic").pop_front();
        let Some(_job) = job else { break };
        assert!(jobs.try_lock().is_ok(), "the lock is free during the work");
    }
}

#[test]
fn a_panic_that_is_caught_leaves_a_mutex_poisoned() {
    let shared = Mutex::new(0);
    let caught = std::panic::catch_unwind(|| {
        let _held = shared.lock();
        panic!("as it should");
    });
    assert!(caught.is_err());
    assert!(shared.lock().is_err());
}

#[test]
fn a_bounded_channel_takes_so_many_and_no_more() {
    let (into, _out) = sync_channel(2);
    assert!(into.try_send(1).is_ok() && into.try_send(2).is_ok());
    assert!(matches!(into.try_send(3), Err(TrySendError::Full(3))));
}
