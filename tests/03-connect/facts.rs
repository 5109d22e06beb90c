//! What tutorials get wrong about connecting, shown on real sockets.

use std::io::ErrorKind;
use std::time::Duration;

use socket2::{Domain, SockAddr, Socket, Type};
use tests::peer;

fn stream() -> Socket {
    Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket")
}

/// Claim: connect succeeded, so the server's program has noticed.
/// Truth: the kernel answers the handshake; accept only takes from the queue
/// (listen(2)).
#[test]
fn connect_is_done_before_the_server_has_accepted() {
    // The kernel answers the handshake; accept only takes from the queue.
    let (listener, address) = peer::listener();
    let socket = stream();
    socket
        .connect(&address.into())
        .expect("nobody has called accept");
    drop(listener);
}

#[test]
fn the_kernel_chooses_the_clients_port_at_connect() {
    let (_listener, address) = peer::listener();
    let socket = stream();
    let before = socket
        .local_addr()
        .expect("getsockname works on any socket");
    assert!(before.as_socket().is_none_or(|address| address.port() == 0));
    socket
        .connect(&address.into())
        .expect("a listener is there");
    let after = socket
        .local_addr()
        .ok()
        .and_then(|address| address.as_socket());
    assert_ne!(after.expect("IPv4").port(), 0);
}

#[test]
fn an_unconnected_socket_has_no_peer() {
    let error = stream().peer_addr().expect_err("no connection");
    assert_eq!(error.kind(), ErrorKind::NotConnected);
}

#[test]
fn a_nonblocking_connect_is_told_by_so_error_once_it_is_writable() {
    let socket = stream();
    socket.set_nonblocking(true).expect("O_NONBLOCK");
    let dead: SockAddr = peer::dead_port().into();
    if let Err(error) = socket.connect(&dead) {
        // EINPROGRESS, or ECONNREFUSED at once: on loopback both are legal.
        if error.kind() == ErrorKind::ConnectionRefused {
            return;
        }
        let told = tests::until("SO_ERROR", || socket.take_error().expect("getsockopt"));
        assert_eq!(told.kind(), ErrorKind::ConnectionRefused);
    } else {
        panic!("nothing listens there");
    }
}

#[test]
fn a_connect_timeout_leaves_an_error_value_and_not_a_panic() {
    let error = stream()
        .connect_timeout(&peer::dead_port().into(), Duration::from_secs(1))
        .expect_err("nothing listens there");
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
}
