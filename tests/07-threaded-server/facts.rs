//! `tests/facts.md`: what tutorials say of the backlog, and what names a connection.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};
use tests::peer;

const ANY: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// Claim: The backlog hardly matters.
/// Truth: std asks for 128: each client of a burst that does not fit is retried after 1
/// s; socket2's listen takes your number, capped by net.core.somaxconn (listen(2)).
#[cfg(target_os = "linux")]
#[test]
fn the_backlog_matters_to_a_burst_of_clients() {
    let somaxconn = std::fs::read_to_string("/proc/sys/net/core/somaxconn");
    let most: usize = somaxconn
        .ok()
        .and_then(|n| n.trim().parse().ok())
        .unwrap_or(0);
    if most < 1024 || !tests::may_hold(3_000) {
        tests::skip!("net.core.somaxconn is {most}");
    }
    let moment = Duration::from_millis(300);

    // std asks for 128. Nobody accepts: 129 fit, and the next one waits in vain.
    let of_std = TcpListener::bind(ANY).expect("a listener");
    let address = of_std.local_addr().expect("its address");
    let fit: Vec<_> = (0..1_000)
        .map_while(|_| TcpStream::connect_timeout(&address, moment).ok())
        .collect();
    assert_eq!(fit.len(), 129);

    // Here a thousand fit, and none of them loses a SYN, which would cost it a second.
    let own = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    own.bind(&ANY.into()).expect("a port");
    own.listen(1024).expect("a long queue");
    let address = own.local_addr().expect("its address").as_socket();
    let address = address.expect("IPv4");
    let start = Instant::now();
    let fit: Vec<_> = (0..1_000).map(|_| peer::connect(address)).collect();
    let took = start.elapsed();
    println!("{} clients in {took:?}", fit.len());
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[test]
fn all_connections_of_a_server_have_its_port() {
    let (listener, address) = peer::listener();
    let clients = [address; 3].map(peer::connect);
    for client in &clients {
        let (accepted, from) = listener.accept().expect("a client");
        assert_eq!(accepted.local_addr().expect("our end"), address);
        assert_eq!(from, client.local_addr().expect("its own end"));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_connection_is_named_by_both_addresses_and_both_ports() {
    let (first, second) = (peer::listener(), peer::listener());
    let from = |own: SocketAddr| {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        socket.set_reuse_address(true).expect("SO_REUSEADDR");
        socket.bind(&own.into()).expect("a port");
        socket
    };
    let one = from(ANY);
    let own = one.local_addr().expect("its address").as_socket();
    let own = own.expect("IPv4");
    // One port of ours, two connections: the other end tells them apart.
    let (two, three) = (from(own), from(own));
    one.connect(&first.1.into()).expect("the first server");
    two.connect(&second.1.into()).expect("the second server");
    assert_eq!(
        two.local_addr().expect("its address").as_socket(),
        Some(own)
    );
    // All four the same: that connection is there already.
    let error = three.connect(&first.1.into()).expect_err("twice the same");
    assert_eq!(error.kind(), std::io::ErrorKind::AddrNotAvailable);
}
