//! What tutorials get wrong about messages in a stream, shown on real sockets.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;

use tests::{Program, peer, tool, until};

use crate::{Server, frame};

fn pair() -> (TcpStream, TcpStream) {
    let (listener, address) = peer::listener();
    let client = peer::connect(address);
    let (server, _) = listener.accept().expect("the client");
    (client, peer::with_deadlines(server))
}

/// Waits until so many bytes can be read in one call.
fn wait_for(stream: &TcpStream, count: usize) {
    let mut room = vec![0; count];
    until("all of it", || {
        (stream.peek(&mut room).expect("MSG_PEEK") == count).then_some(())
    });
}

/// Claim: One send is one recv.
#[test]
fn several_sends_can_be_one_recv() {
    let (mut sender, mut receiver) = pair();
    // Also without Nagle's algorithm, which many blame for this.
    sender.set_nodelay(true).expect("TCP_NODELAY");
    for name in ["Michael", "Tracy", "Sarah"] {
        sender.write_all(name.as_bytes()).expect("sent");
    }
    wait_for(&receiver, 17);
    let mut room = [0; 1024];
    let count = receiver.read(&mut room).expect("received");
    assert_eq!(&room[..count], b"MichaelTracySarah");
}

/// Claim: One send is one recv.
#[test]
fn one_send_can_be_several_recvs() {
    let (sender, mut receiver) = pair();
    // The kernel's buffers hold less than this, whatever room recv is given.
    const SIZE: usize = 20_000_000;
    let sending = thread::spawn(move || (&sender).write_all(&vec![b'x'; SIZE]));
    let mut room = vec![0; SIZE];
    let (mut received, mut calls) = (0, 0);
    while received < SIZE {
        received += receiver.read(&mut room).expect("received");
        calls += 1;
    }
    assert!(calls > 1, "{calls}");
    sending.join().expect("no panic").expect("sent");
}

/// Claim: recv(n) gives n bytes.
#[test]
fn recv_gives_at_most_as_many_bytes_as_asked_for_and_often_fewer() {
    let (mut sender, mut receiver) = pair();
    sender.write_all(b"abc").expect("sent");
    wait_for(&receiver, 3);
    let mut room = [0; 1024];
    assert_eq!(receiver.read(&mut room).expect("received"), 3, "fewer");
    sender.write_all(b"abcdef").expect("sent");
    wait_for(&receiver, 6);
    assert_eq!(
        receiver.read(&mut room[..4]).expect("received"),
        4,
        "at most"
    );
    assert_eq!(
        receiver.read(&mut room[..4]).expect("received"),
        2,
        "the rest stays"
    );
}

/// Claim: 127.0.0.1 means only I can reach it.
#[test]
fn every_local_program_and_web_page_can_reach_127_0_0_1() {
    let server = Server::remote(&[]);
    // Another program, and what a browser sends for http://127.0.0.1:PORT/ in any page.
    let curl = tool!("curl");
    let url = format!("http://{}/", server.address);
    Program::at(curl)
        .args(["--silent", "--max-time", "5", &url])
        .run();
    let mut server = server;
    // It got through to the program: "GET " is the length of a frame there.
    server
        .running
        .line("is let go: a frame of 1195725856 bytes, the limit is 65536");
}

#[cfg(target_os = "linux")]
#[test]
fn another_user_of_this_machine_can_reach_127_0_0_1() {
    let server = Server::framed(&[]);
    let setpriv = tool!("setpriv");
    if !nix::unistd::geteuid().is_root() {
        tests::skip!("only root can become another user");
    }
    let nc = tool!("nc.openbsd");
    let port = server.address.port().to_string();
    let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    let mut stranger = Program::at(nc)
        .args(["127.0.0.1", &port])
        .through(setpriv, nobody)
        .start();
    stranger.types(frame("Eve"));
    let answer = frame("Hello, Eve!");
    until("a greeting", || {
        (stranger.printed() == answer).then_some(())
    });
    let status = format!("/proc/{}/status", stranger.pid());
    let status = std::fs::read_to_string(status).expect("it runs");
    assert!(status.contains("\nUid:\t65534\t65534\t"), "{status}");
}
