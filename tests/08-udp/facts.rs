//! What tutorials get wrong about datagrams, shown on real sockets.

use std::io::ErrorKind;
use std::mem::MaybeUninit;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use socket2::{Domain, MaybeUninitSlice, SockRef, Socket, Type};

use crate::{address_of, dead_port, has_nothing, receive, socket};

/// Two sockets, of which the first is connected to the second.
fn pair() -> (UdpSocket, UdpSocket) {
    let (client, server) = (socket(), socket());
    client.connect(address_of(&server)).expect("a peer");
    (client, server)
}

/// Claim: connect on UDP makes a connection.
/// Truth: it sends nothing; it sets the default peer, filters the sender, and lets
/// errors be delivered (connect(2)).
#[test]
fn connect_on_udp_sends_nothing_and_only_sets_the_peer() {
    let (client, server) = pair();
    assert!(has_nothing(&server), "connect has sent something");
    assert_eq!(client.peer_addr().expect("a peer"), address_of(&server));
    client.send(b"hello").expect("send needs no address now");
    assert_eq!(receive(&server), (b"hello".to_vec(), address_of(&client)));
    assert!(server.peer_addr().is_err(), "the server has no connection");
}

/// Claim: connect on UDP makes a connection.
#[test]
fn connect_on_udp_filters_the_sender() {
    let (client, server) = pair();
    let stranger = socket();
    let own = address_of(&client);
    stranger.send_to(b"spoofed", own).expect("it is sent");
    server.send_to(b"real", own).expect("it is sent");
    assert_eq!(receive(&client).0, b"real");
    assert!(has_nothing(&client));
}

/// Claim: connect on UDP makes a connection.
#[test]
fn connect_on_udp_lets_a_refusal_be_told() {
    let client = socket();
    client
        .connect(dead_port())
        .expect("connect says nothing of it");
    client.send(b"hello").expect("neither does send");
    let error = client.recv(&mut [0; 10]).expect_err("nobody is there");
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
}

#[cfg(target_os = "linux")]
#[test]
fn an_unconnected_udp_socket_hears_of_no_refusal() {
    let client = socket();
    client.send_to(b"hello", dead_port()).expect("it is sent");
    client.send_to(b"again", dead_port()).expect("it is sent");
    assert!(has_nothing(&client), "no error and no datagram");
}

#[test]
fn each_recv_is_one_datagram_whatever_waits() {
    let (client, server) = pair();
    for message in ["one", "two", "three"] {
        client.send(message.as_bytes()).expect("it is sent");
    }
    for message in ["one", "two", "three"] {
        assert_eq!(receive(&server).0, message.as_bytes());
    }
}

/// Claim: UDP on loopback never loses.
/// Truth: what the receiver's buffer cannot hold is lost.
#[test]
fn udp_on_loopback_loses_what_the_receivers_buffer_cannot_hold() {
    let (client, server) = pair();
    let small = SockRef::from(&server);
    small.set_recv_buffer_size(4 * 1024).expect("SO_RCVBUF");
    for _ in 0..500 {
        client.send(&[b'x'; 100]).expect("every send says Ok");
    }
    let mut arrived = 0;
    while !has_nothing(&server) {
        arrived += 1;
    }
    assert!((1..500).contains(&arrived), "{arrived} of 500");
}

/// Claim: A datagram can carry 65,535 bytes.
/// Truth: 65,507 over IPv4 (udp(7)).
#[cfg(target_os = "linux")]
#[test]
fn a_datagram_carries_65507_bytes_over_ipv4_and_not_one_more() {
    let (client, server) = pair();
    let too_long = vec![b'x'; 65_508];
    let length = client.send(&too_long[1..]).expect("65,507 bytes");
    assert_eq!(length, 65_507);
    assert_eq!(receive(&server).0.len(), 65_507);
    let error = client.send(&too_long).expect_err("65,508 bytes");
    let number = nix::errno::Errno::EMSGSIZE as i32;
    assert_eq!(error.raw_os_error(), Some(number));
}

/// Claim: An empty recv means closed.
#[test]
fn an_empty_recv_is_an_empty_datagram_and_no_end() {
    let (client, server) = pair();
    client.send(b"").expect("it is sent");
    client.send(b"more").expect("it is sent");
    assert_eq!(receive(&server), (Vec::new(), address_of(&client)));
    assert_eq!(receive(&server).0, b"more", "the end it was not");
}

#[test]
fn a_udp_socket_does_not_notice_that_its_peer_has_closed() {
    let (client, server) = pair();
    drop(client);
    assert!(has_nothing(&server));
}

/// Claim: A short buffer gets the rest of the datagram next time.
/// Truth: the rest is gone (MSG_TRUNC, recv(2)).
#[test]
fn what_a_short_buffer_cannot_hold_is_gone_and_msg_trunc_says_so() {
    let (client, server) = pair();
    client.send(b"0123456789").expect("it is sent");
    client.send(b"next").expect("it is sent");
    let server = Socket::from(server);
    let receive = || {
        let mut buffer = [MaybeUninit::uninit(); 4];
        let mut buffers = [MaybeUninitSlice::new(&mut buffer)];
        server
            .recv_from_vectored(&mut buffers)
            .expect("a datagram is there")
    };
    let (length, flags, sender) = receive();
    assert_eq!((length, flags.is_truncated()), (4, true));
    assert_eq!(sender.as_socket(), client.local_addr().ok());
    let (length, flags, _) = receive();
    let next = "the next datagram, and not the rest of the first";
    assert_eq!((length, flags.is_truncated()), (4, false), "{next}");
}

#[test]
fn socket2_and_std_receive_on_the_same_descriptor() {
    let (client, server) = pair();
    let server = Socket::from(server);
    for word in [&b"one"[..], b"two"] {
        client.send(word).expect("it is sent");
    }
    // Length and sender are known; what is in the buffer only `unsafe` could read.
    let mut buffer = [MaybeUninit::uninit(); 10];
    let (length, sender) = server.recv_from(&mut buffer).expect("a datagram");
    assert_eq!((length, sender.as_socket()), (3, client.local_addr().ok()));
    let server = UdpSocket::from(server);
    assert_eq!(receive(&server), (b"two".to_vec(), address_of(&client)));
}

/// Claim: SO_REUSEADDR lets two servers share a port.
#[cfg(target_os = "linux")]
#[test]
fn with_so_reuseaddr_two_udp_sockets_share_a_port_and_the_last_one_receives() {
    let bound = |address: SocketAddr| {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, None).expect("a socket");
        socket.set_reuse_address(true).expect("SO_REUSEADDR");
        socket.bind(&address.into()).expect("both can bind");
        UdpSocket::from(socket)
    };
    let first = bound("127.0.0.1:0".parse().expect("an address"));
    let last = bound(address_of(&first));
    let client = socket();
    for word in [&b"one"[..], b"two", b"three"] {
        client
            .send_to(word, address_of(&first))
            .expect("it is sent");
        assert_eq!(receive(&last).0, word);
    }
    assert!(has_nothing(&first), "the first got something");
}

#[cfg(target_os = "linux")]
#[test]
fn without_so_reuseaddr_a_udp_port_has_one_socket_and_is_free_at_once() {
    // An address of its own, so that no other test takes the port in between.
    let server = UdpSocket::bind("127.0.8.1:0").expect("a socket");
    let address = address_of(&server);
    let client = socket();
    let error = UdpSocket::bind(address).expect_err("it is taken");
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    client.send_to(b"hello", address).expect("it is sent");
    assert_eq!(receive(&server).0, b"hello");
    drop(server);
    UdpSocket::bind(address).expect("there is no TIME_WAIT");
}

#[cfg(target_os = "linux")]
#[test]
fn a_server_on_0_0_0_0_may_answer_from_another_address_than_it_was_asked_at() {
    let server = UdpSocket::bind("0.0.0.0:0").expect("a socket");
    server
        .set_read_timeout(Some(Duration::from_secs(5)))
        .expect("a deadline");
    let client = socket();
    let asked = SocketAddr::from(([127, 0, 0, 2], address_of(&server).port()));
    client.send_to(b"hello", asked).expect("it is sent");
    let (datagram, sender) = receive(&server);
    server.send_to(&datagram, sender).expect("it is sent");
    let (_, answered_from) = receive(&client);
    assert_ne!(answered_from, asked, "a connected client would not take it");
}
