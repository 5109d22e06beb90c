//! What the chapter claims of the kernel, on real sockets.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use socket2::{Domain, Socket, Type};
use tests::peer;

use crate::{echoed, kernel, load, served, server};

/// A listener with so long a queue, which nobody accepts from.
fn listener(backlog: i32) -> (Socket, SocketAddr) {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    listener.bind(&any.into()).expect("a port");
    listener.listen(backlog).expect("a queue");
    let address = listener.local_addr().expect("its address").as_socket();
    (listener, address.expect("IPv4"))
}

/// Claim: A big backlog is as long as you ask for.
/// Truth: the kernel cuts it down to net.core.somaxconn (listen(2)).
#[test]
fn the_kernel_cuts_the_backlog_down_to_somaxconn() {
    let most =
        std::fs::read_to_string("/proc/sys/net/core/somaxconn").expect("a setting");
    let most: usize = most.trim().parse().expect("a number");
    if most > 4096 || !tests::may_hold(10_000) {
        return;
    }
    let (_listener, address) = listener(1_000_000);
    let clients: Vec<_> = (0..most + 1)
        .map(|_| {
            TcpStream::connect_timeout(&address, Duration::from_secs(1)).expect("room")
        })
        .collect();
    let one_more = TcpStream::connect_timeout(&address, Duration::from_millis(200));
    assert_eq!(one_more.expect_err("no room").kind(), ErrorKind::TimedOut);
    drop(clients);
}

/// Claim: `ulimit -n` says 1024, so a server can't have more clients.
/// Truth: that is the soft limit; a program may raise its own to the hard one
/// (getrlimit(2)).
#[test]
fn the_soft_limit_of_descriptors_may_be_raised_to_the_hard_one() {
    let prlimit = tests::tool!("prlimit");
    let program = crate::program("epoll", &[]).through(prlimit, ["--nofile=40:100"]);
    let mut server = program.start();
    let address = server.address();
    server.line("design: epoll; 100 descriptors");
    let _clients: Vec<_> = (0..60).map(|_| served(address)).collect();
    assert!(kernel::descriptors(server.pid()) > 60);
}

#[test]
fn several_threads_may_wait_in_accept_on_one_listener() {
    let (server, address) = server("pool", &["--workers", "4"]);
    let mut clients: Vec<_> = (0..4).map(|_| served(address)).collect();
    clients
        .iter_mut()
        .for_each(|client| echoed(client, "each has its own"));
    drop(server);
}

/// Claim: A thread costs two megabytes.
/// Truth: of address space; of memory it costs the pages that it has touched, some
/// kilobytes.
#[test]
fn a_thread_reserves_two_megabytes_and_touches_some_kilobytes() {
    let mut server = tests::Program::of("scale-2").args(["127.0.0.1:0"]).start();
    let address = server.address();
    let reserved = || field(server.pid(), "VmSize:");
    let mut clients = vec![served(address)];
    let before = (reserved(), kernel::resident_kib(server.pid()));
    clients.extend((0..100).map(|_| served(address)));
    let after = (reserved(), kernel::resident_kib(server.pid()));
    let each = |before: u64, after: u64| after.saturating_sub(before) / 100;
    assert!(each(before.0, after.0) > 2_000, "{before:?} {after:?}");
    assert!(each(before.1, after.1) < 100, "{before:?} {after:?}");
}

fn field(pid: u32, name: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("status");
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.expect("a number")
}

/// Claim: poll and epoll do the same.
/// Truth: poll carries the whole list to the kernel in every call; epoll is told of
/// each client once, and answers with the ready ones (epoll(7)).
#[test]
fn epoll_is_asked_once_per_client_and_poll_with_every_call() {
    // strace sees how long the list is that goes to the kernel.
    let strace = tests::tool!("strace");
    let calls = |design: &str, call: &str| {
        let log = tempfile::NamedTempFile::new().expect("a file");
        let path = log.path().display().to_string();
        let options = ["-D", "-f", "-qq", "-o", &path, "-e", call];
        let mut server = crate::program(design, &[])
            .through(&strace, options)
            .start();
        let address = server.address();
        let mut clients: Vec<_> = (0..20).map(|_| served(address)).collect();
        for _ in 0..10 {
            echoed(&mut clients[7], "hello");
        }
        server.interrupt();
        drop(clients);
        server.ends().code(0);
        std::fs::read_to_string(log.path()).expect("the log")
    };
    let poll = calls("poll", "trace=poll");
    let long = poll.lines().filter(|line| line.contains("], 21, ")).count();
    assert!(
        long >= 10,
        "20 clients and the listener, each time:\n{poll}"
    );
    let epoll = calls("epoll", "trace=epoll_ctl");
    let added = epoll
        .lines()
        .filter(|line| line.contains("EPOLL_CTL_ADD"))
        .count();
    // 20 clients, the listener, and mio's own.
    assert!((21..=23).contains(&added), "{epoll}");
}

#[test]
fn a_client_that_does_not_read_is_no_longer_read_from() {
    for design in crate::MANY {
        let (server, address) = server(design, &[]);
        let mut client = peer::connect(address);
        let short = Some(Duration::from_millis(300));
        client.set_write_timeout(short).expect("a timeout");
        let mut taken = 0;
        while let Ok(count) = client.write(&[b'x'; 65_536]) {
            taken += count;
            assert!(taken < 50_000_000, "{design} takes and takes");
        }
        // Once it reads, everything comes, and nothing is lost.
        let mut rest = vec![0; taken];
        client.read_exact(&mut rest).expect("all of it");
        assert!(rest.iter().all(|byte| *byte == b'x'));
        echoed(&mut client, "on we go");
        drop(server);
    }
}

#[test]
fn the_load_program_talks_to_ten_thousand() {
    if !tests::may_hold(10_100) {
        return;
    }
    let (_server, address) = server("epoll", &[]);
    let (ended, numbers) = load(address, "--connections 100 --idle 9900 --seconds 0.2");
    ended.code(0);
    assert_eq!(numbers[..2], [10_000.0, 10_000.0]);
    assert!(numbers[2] < 20.0, "{} s", numbers[2]);
}
