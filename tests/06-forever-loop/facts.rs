//! `tests/facts.md`: what tutorials say of `accept`, of `close` and of slow answers, and
//! what a real socket does.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use socket2::{Domain, SockAddr, Socket, Type};
use tests::{Program, peer, tool};

fn any_port() -> SockAddr {
    std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into()
}

/// A listener, a thread that sleeps in its `accept`, and what that will return.
#[cfg(target_os = "linux")]
struct Accepting {
    listener: std::sync::Arc<Socket>,
    address: std::net::SocketAddr,
    accepted: std::sync::mpsc::Receiver<std::io::Result<()>>,
}

#[cfg(target_os = "linux")]
impl Accepting {
    /// Returns when the thread sleeps in the kernel, with this descriptor.
    fn new() -> Self {
        use std::os::fd::AsRawFd;
        let listener = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        listener.bind(&any_port()).expect("a port");
        listener.listen(8).expect("a queue");
        let address = listener.local_addr().expect("its address").as_socket();
        let listener = std::sync::Arc::new(listener);
        let (tell, told) = std::sync::mpsc::channel();
        let (send, accepted) = std::sync::mpsc::channel();
        let theirs = std::sync::Arc::clone(&listener);
        std::thread::spawn(move || {
            tell.send(nix::unistd::gettid()).expect("somebody waits");
            let result = theirs.accept().map(drop);
            drop(theirs);
            send.send(result).ok(); // the test may have ended
        });
        let thread = told.recv().expect("the thread runs");
        // The number of the call, then its arguments, the descriptor first (proc(5)).
        let sleeps_with = format!(" {:#x} ", listener.as_raw_fd());
        tests::until("the thread sleeps in accept", || {
            let call =
                std::fs::read_to_string(format!("/proc/self/task/{thread}/syscall"));
            call.ok()?.contains(&sleeps_with).then_some(())
        });
        let address = address.expect("IPv4");
        Self {
            listener,
            address,
            accepted,
        }
    }
}

/// Claim: Closing a listener from another thread wakes accept.
/// Truth: not on Linux; shutdown(2) on the listener does.
#[cfg(target_os = "linux")]
#[test]
fn closing_a_listener_from_another_thread_does_not_wake_accept() {
    use std::os::fd::AsRawFd;
    let Accepting {
        listener,
        address,
        accepted,
    } = Accepting::new();
    // Two Arcs to it, and neither will close it again: this is the one close(2).
    let number = listener.as_raw_fd();
    std::mem::forget(listener.clone());
    nix::unistd::close(number).expect("an open descriptor");
    let nothing = accepted.recv_timeout(Duration::from_millis(300));
    nothing.expect_err("accept sleeps on");
    // More than that: the kernel keeps the listener for the sleeper, and a client that
    // comes now is accepted, by a socket that was closed long ago.
    let client = TcpStream::connect(address).expect("the port still listens");
    let woken = accepted.recv_timeout(tests::ANSWER).expect("awake");
    woken.expect("a client");
    drop(client);
}

/// Claim: Closing a listener from another thread wakes accept.
#[cfg(target_os = "linux")]
#[test]
fn shutdown_on_the_listener_wakes_accept() {
    let accepting = Accepting::new();
    let down = accepting.listener.shutdown(std::net::Shutdown::Read);
    down.expect("shutdown(2) on a listener");
    let woken = accepting.accepted.recv_timeout(tests::ANSWER);
    let error = woken.expect("awake").expect_err("no client came");
    assert_eq!(error.raw_os_error(), Some(nix::libc::EINVAL));
    TcpStream::connect(accepting.address).expect_err("nothing listens there now");
}

#[cfg(target_os = "linux")]
#[test]
fn shutdown_on_the_listener_resets_the_clients_in_its_queue() {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    listener.bind(&any_port()).expect("a port");
    listener.listen(8).expect("a queue");
    let address = listener.local_addr().expect("its address").as_socket();
    let mut queued = peer::connect(address.expect("IPv4"));
    listener.shutdown(std::net::Shutdown::Read).expect("down");
    let error = queued.read(&mut [0]).expect_err("no end, a reset");
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}

#[test]
fn a_client_that_connects_wakes_accept() {
    // What the lesson does. It works everywhere, and nobody is reset.
    let (listener, address) = peer::listener();
    let accepting = std::thread::spawn(move || listener.accept().map(drop));
    drop(peer::connect(address));
    accepting.join().expect("no panic").expect("a client");
}

/// Claim: Address already in use: choose another port.
#[test]
fn time_wait_keeps_a_restarted_server_from_its_port_and_reuse_address_does_not() {
    let (listener, address) = peer::listener();
    let client = peer::connect(address);
    let (server_side, _) = listener.accept().expect("the client");
    drop((listener, server_side)); // the server closes first …
    drop(client); // … and its end of the connection waits in TIME_WAIT
    let again = |reuse| {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.set_reuse_address(reuse)?;
        socket.bind(&address.into())
    };
    let error = again(false).expect_err("TIME_WAIT holds the address");
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
    again(true).expect("SO_REUSEADDR passes TIME_WAIT");
}

#[test]
fn std_sets_reuse_address_for_its_listeners_and_socket2_does_not() {
    let (listener, _) = peer::listener();
    let of_std = socket2::SockRef::from(&listener).reuse_address();
    assert_eq!(of_std.expect("getsockopt"), cfg!(unix));
    let own = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    assert!(!own.reuse_address().expect("getsockopt"));
}

/// How long a question takes on a kept-alive connection, the median of 15.
fn median_of_questions(client: TcpStream, question: &str, answer: usize) -> Duration {
    let mut client = BufReader::new(client);
    let mut took: Vec<_> = (0..15)
        .map(|_| {
            let start = Instant::now();
            peer::write(client.get_mut(), question);
            peer::read_bytes(&mut client, answer);
            start.elapsed()
        })
        .collect();
    took.sort();
    took[took.len() / 2]
}

/// A server that answers each line with `head`, and with `body` in a second write, where
/// there is one.
fn median_with(writes: &'static [&'static str], no_delay: bool) -> Duration {
    let (address, server) = peer::serve_one(move |mut stream| {
        stream.set_nodelay(no_delay).expect("TCP_NODELAY");
        let reader = BufReader::new(stream.try_clone().expect("a second handle"));
        for _line in reader.lines().map_while(Result::ok) {
            for piece in writes {
                stream
                    .write_all(piece.as_bytes())
                    .expect("the client reads");
            }
        }
    });
    let answer = writes.iter().map(|piece| piece.len()).sum();
    let median = median_of_questions(peer::connect(address), "question\n", answer);
    server.join().expect("no panic");
    median
}

/// Claim: Python's http.server is slow because of Python.
/// Truth: two small writes per reply meet Nagle and delayed ACK: 44 ms each on a
/// kept-alive connection; one write or TCP_NODELAY cures it (RFC 896, RFC 1122
/// 4.2.3.2).
#[test]
fn two_small_writes_per_answer_meet_nagle_and_delayed_ack() {
    let two_writes = median_with(&["head ", "body\n"], false);
    let one_write = median_with(&["head body\n"], false);
    let no_delay = median_with(&["head ", "body\n"], true);
    let figures = format!("{two_writes:?}, {one_write:?}, {no_delay:?}");
    println!("two writes, one write, TCP_NODELAY: {figures}");
    // The kernel's shortest delayed ACK is 40 ms (TCP_DELACK_MIN).
    assert!(two_writes > Duration::from_millis(30), "{figures}");
    assert!(one_write < two_writes / 2, "{figures}");
    assert!(no_delay < two_writes / 2, "{figures}");
}

/// Claim: Python's http.server is slow because of Python.
#[test]
fn pythons_http_server_is_slow_because_of_two_writes_and_not_because_of_python() {
    let python3 = tool!("python3");
    let median = |how: &str| {
        let script = format!(
            "
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    {how}
    def do_GET(self):
        self.send_response_only(200)
        self.send_header('Content-Length', '4')
        self.end_headers()
        self.wfile.write(b'body')
        self.wfile.flush()
    def log_message(self, *args):
        pass
server = http.server.HTTPServer(('127.0.0.1', 0), Handler)
print('Listening on 127.0.0.1:%d' % server.server_address[1], flush=True)
server.serve_forever()
"
        );
        let mut server = Program::at(&python3).args(["-c", &script]).start();
        let client = peer::connect(server.address());
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody".len();
        median_of_questions(client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", answer)
    };
    // As it is; with a buffer, so one write; with the two writes, and TCP_NODELAY.
    let as_it_is = median("pass");
    let one_write = median("wbufsize = -1");
    let no_delay = median("disable_nagle_algorithm = True");
    let figures = format!("{as_it_is:?}, {one_write:?}, {no_delay:?}");
    println!("http.server, with one write, with TCP_NODELAY: {figures}");
    assert!(as_it_is > Duration::from_millis(30), "{figures}");
    assert!(one_write < as_it_is / 2, "{figures}");
    assert!(no_delay < as_it_is / 2, "{figures}");
}
