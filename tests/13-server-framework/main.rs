//! Lesson 13: `server-framework` says hello, `framework-echo` and `framework-udp-echo` send
//! back what comes; and the library that they stand on, beside Python's socketserver.

mod facts;
mod peers;
mod python;
mod transcripts;

use std::io::{ErrorKind, Read};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use tests::{ANSWER, Program, Running, peer};

const HELLO: &[u8] = b"Hello World!\n";

/// Every way in which `framework-echo` can run its clients.
const DESIGNS: [&[&str]; 4] = [
    &[],
    &["--threads", "3"],
    &["--pool", "3"],
    &["--one-by-one"],
];

/// A program of the lesson on a port that the kernel chose, and its address.
fn server(name: &str, options: &[&str]) -> (Running, SocketAddr) {
    let all = ["127.0.0.1:0"].iter().chain(options);
    let mut server = Program::of(name).args(all).start();
    let address = server.address();
    (server, address)
}

fn hello() -> (Running, SocketAddr) {
    server("server-framework", &[])
}

fn echo(options: &[&str]) -> (Running, SocketAddr) {
    server("framework-echo", options)
}

fn udp_echo(options: &[&str]) -> (Running, SocketAddr) {
    server("framework-udp-echo", options)
}

/// Somebody comes, hears the greeting, and leaves.
#[track_caller]
fn greeted(address: SocketAddr) {
    let mut client = peer::connect(address);
    assert_eq!(peer::read_to_end(&mut client), HELLO);
}

/// Expects these bytes to come back.
#[track_caller]
fn echoed(client: &mut TcpStream, bytes: impl AsRef<[u8]>) {
    let bytes = bytes.as_ref();
    peer::write(client, bytes);
    assert_eq!(peer::read_bytes(client, bytes.len()), bytes);
}

/// A client of the echo server who is being served.
#[track_caller]
fn served(address: SocketAddr) -> TcpStream {
    let mut client = peer::connect(address);
    echoed(&mut client, "here");
    client
}

/// Expects that there is neither a byte nor an end for this client.
#[track_caller]
fn nothing_comes(client: &mut TcpStream) {
    client.set_nonblocking(true).expect("O_NONBLOCK");
    let read = client.read(&mut [0; 64]).map_err(|error| error.kind());
    client.set_nonblocking(false).expect("O_NONBLOCK");
    assert_eq!(read, Err(ErrorKind::WouldBlock));
}

/// A socket on 127.0.0.1 whose recv has a deadline.
fn socket() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    socket.set_read_timeout(Some(ANSWER)).expect("a deadline");
    socket
}

/// What the server at this address answers to a new client.
#[track_caller]
fn answer(address: SocketAddr, datagram: &[u8]) -> Vec<u8> {
    answer_to(&socket(), address, datagram)
}

/// What the server at this address answers to this client.
#[track_caller]
fn answer_to(client: &UdpSocket, address: SocketAddr, datagram: &[u8]) -> Vec<u8> {
    client.send_to(datagram, address).expect("it is sent");
    let mut buffer = vec![0; 65_535];
    let (length, sender) = client.recv_from(&mut buffer).expect("an answer");
    assert_eq!(sender, address, "it comes from where we sent to");
    buffer.truncate(length);
    buffer
}

/// Sends the signal: every client sees the end, the server is gone within a second, and
/// its port is free.
#[cfg(unix)]
#[track_caller]
fn ends_well(
    server: Running,
    signal: nix::sys::signal::Signal,
    address: SocketAddr,
    clients: &mut [TcpStream],
) {
    let start = Instant::now();
    server.signal(signal);
    for client in &mut *clients {
        peer::sees_the_end(client);
        client.shutdown(std::net::Shutdown::Write).expect("a FIN");
    }
    server.ends().code(0);
    let took = start.elapsed();
    assert!(took < Duration::from_secs(1), "{signal}: {took:?}");
    std::net::TcpListener::bind(address).expect("the port is free at once");
}

#[test]
fn each_program_says_where_it_listens_and_how_to_talk_to_it() {
    for (name, nc) in [
        ("server-framework", "nc"),
        ("framework-echo", "nc"),
        ("framework-udp-echo", "nc -u"),
    ] {
        let (mut server, address) = server(name, &[]);
        let port = address.port();
        server.line(&format!("try: {nc} 127.0.0.1 {port}"));
        let printed = String::from_utf8(server.printed()).expect("UTF-8");
        assert!(printed.starts_with(&format!("Listening on 127.0.0.1:{port}\n")));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn each_program_has_its_own_port() {
    if !tests::namespace::allowed() {
        return;
    }
    for (name, port) in [
        ("server-framework", 2525),
        ("framework-echo", 9001),
        ("framework-udp-echo", 8080),
    ] {
        let program = tests::namespace::around(Program::of(name), "ip link set lo up");
        let address = program.start().address().to_string();
        assert_eq!(address, format!("127.0.0.1:{port}"));
    }
}

#[test]
fn help_says_what_each_program_does_with_an_example() {
    for (name, example) in [
        ("server-framework", "example: cargo run -p server-framework"),
        (
            "framework-echo",
            "example: cargo run -p server-framework --bin framework-echo",
        ),
        (
            "framework-udp-echo",
            "example: cargo run -p server-framework --bin framework-udp-echo",
        ),
    ] {
        let ended = Program::of(name).args(["--help"]).run();
        ended.code(0);
        assert!(ended.stdout.contains(example), "{ended:?}");
    }
}

#[test]
fn hello_world_is_said_to_everybody_and_then_the_end_comes() {
    let (_server, address) = hello();
    for _ in 0..5 {
        greeted(address);
    }
    if let Ok(listener) = std::net::TcpListener::bind("[::1]:0") {
        drop(listener);
        let mut server = Program::of("server-framework").args(["[::1]:0"]).start();
        greeted(server.address());
    }
}

#[test]
fn what_comes_goes_back_byte_for_byte_in_every_design() {
    let every_byte: Vec<u8> = (0..=255).collect();
    for design in DESIGNS {
        let (_server, address) = echo(design);
        let mut client = peer::connect(address);
        echoed(&mut client, "no line end");
        echoed(&mut client, &every_byte);
        let much = every_byte.repeat(2_000);
        std::thread::scope(|scope| {
            let (mut writer, all) = (client.try_clone().expect("dup"), &much);
            scope.spawn(move || {
                peer::write(&mut writer, all);
                writer.shutdown(std::net::Shutdown::Write).expect("a FIN");
            });
            assert!(peer::read_to_end(&mut client) == much, "{design:?}");
        });
    }
}

#[test]
fn every_datagram_goes_back_to_its_sender() {
    for design in [&[][..], &["--threads", "4"]] {
        let (mut server, address) = udp_echo(design);
        let clients = [socket(), socket(), socket()];
        for (number, client) in clients.iter().enumerate() {
            let text = format!("from {number}");
            let back = answer_to(client, address, text.as_bytes());
            assert_eq!(back, text.as_bytes());
            let from = client.local_addr().expect("its address");
            server.line(&format!("{from} sent 6 bytes"));
        }
        let longest = vec![b'x'; 65_507];
        assert!(answer(address, &longest) == longest);
    }
}

#[test]
fn the_echo_server_counts_the_bytes_of_all_clients_in_one_handler() {
    let (mut server, address) = echo(&[]);
    let (mut one, mut two) = (served(address), served(address));
    echoed(&mut one, "12345");
    echoed(&mut two, "67");
    drop(one);
    server.line("has left; 15 bytes so far, for all");
    echoed(&mut two, "89");
    drop(two);
    server.line("has left; 17 bytes so far, for all");
}

#[test]
fn one_by_one_the_second_client_waits() {
    let (_server, address) = echo(&["--one-by-one"]);
    let mut first = served(address);
    let mut second = peer::connect(address);
    peer::write(&mut second, "here");
    for _ in 0..10 {
        echoed(&mut first, "and still here");
        nothing_comes(&mut second);
    }
    drop(first);
    assert_eq!(peer::read_bytes(&mut second, 4), b"here");
}

#[test]
fn as_many_threads_as_were_asked_for_and_no_more() {
    let (_server, address) = echo(&["--threads", "2"]);
    let (mut first, second) = (served(address), served(address));
    let mut third = peer::connect(address);
    peer::write(&mut third, "here");
    for _ in 0..10 {
        echoed(&mut first, "x");
        nothing_comes(&mut third);
    }
    drop(second);
    assert_eq!(peer::read_bytes(&mut third, 4), b"here");
}

#[test]
fn a_pool_works_for_as_many_clients_at_once_as_it_has_threads() {
    // A pool whose workers held the lock while they work would serve one.
    let (_server, address) = echo(&["--pool", "3"]);
    let mut clients = [address; 3].map(served);
    for client in clients.iter_mut().rev() {
        echoed(client, "all three");
    }
}

/// Claim: A pool of N threads serves N clients.
#[test]
fn idle_clients_hold_up_a_pool_and_not_a_thread_each() {
    let (mut server, address) = echo(&["--pool", "2"]);
    let mut idle = [served(address), served(address)];
    let mut third = peer::connect(address);
    peer::write(&mut third, "here");
    for client in &mut idle {
        echoed(client, "x");
        nothing_comes(&mut third);
    }
    for _ in 0..2 {
        server.line("has come"); // what it printed is under way through a pipe
    }
    let printed = String::from_utf8_lossy(&server.printed()).into_owned();
    assert_eq!(printed.matches("has come").count(), 2, "{printed}");
    // One of them leaves, and its worker takes the next.
    let [one, _other] = idle;
    drop(one);
    assert_eq!(peer::read_bytes(&mut third, 4), b"here");
    server.line("has come");

    let (_server, address) = echo(&[]);
    let _idle = [address; 50].map(served);
    served(address);
}

#[cfg(target_os = "linux")]
#[test]
fn a_pool_has_the_same_threads_whoever_comes() {
    use tests::kernel::threads;
    let (server, address) = echo(&["--pool", "4"]);
    let before = threads(server.pid()); // main, Ctrl+C, the workers
    assert_eq!(before, 2 + 4);
    let clients = [address; 4].map(served);
    assert_eq!(threads(server.pid()), before);
    drop(clients);

    let (server, address) = echo(&[]);
    assert_eq!(threads(server.pid()), 2);
    let _clients = [address; 4].map(served);
    assert_eq!(threads(server.pid()), 2 + 4);
}

#[test]
fn those_who_find_no_room_in_a_pool_wait_and_are_all_served() {
    // Two at work, sixteen in the queue of the pool, the others in that of the kernel.
    let (_server, address) = echo(&["--pool", "2"]);
    let clients = [address; 40].map(|address| {
        let mut client = peer::connect(address);
        peer::write(&mut client, "here");
        client
    });
    for mut client in clients {
        assert_eq!(peer::read_bytes(&mut client, 4), b"here");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn sixteen_wait_in_the_queue_of_a_pool_and_the_others_in_that_of_the_kernel() {
    use tests::kernel::{LISTEN, tcp_sockets_on};
    let (_server, address) = echo(&["--pool", "1"]);
    let _busy = served(address);
    let _waiting = [address; 16 + 3].map(peer::connect);
    tests::until("three are left to the kernel", || {
        let mut rows = tcp_sockets_on(address.port()).into_iter();
        let listener = rows.find(|row| row.state == LISTEN)?;
        (listener.receive_queue == 3).then_some(())
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_panic_stays_with_its_client_in_every_design() {
    // The kernel lies: the second recv of a thread returns more than fits. strace counts
    // in each thread anew.
    let strace = tests::tool!("strace");
    let rule = "recvfrom:retval=5000:when=2";
    for design in [&[][..], &["--one-by-one"], &["--pool", "1"]] {
        let args = ["127.0.0.1:0"].iter().chain(design);
        let program = Program::of("framework-echo").args(args);
        let mut server = program.injected(&strace, &[rule]).start();
        let address = server.address();
        let mut unlucky = served(address);
        let name = unlucky.local_addr().expect("its address").to_string();
        server.complains("panicked at");
        server.complains(&format!("{name} is lost: its handler has panicked"));
        server.line(&format!("{name} has left")); // `finish` is called all the same
        peer::sees_the_end(&mut unlucky);
        drop(unlucky);
        // The loop, or the one worker, goes on.
        served(address);
        server.terminate();
        server.ends().code(0);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn where_no_thread_can_be_started_only_that_client_is_lost() {
    // The first thread is that of Ctrl+C.
    let strace = tests::tool!("strace");
    let rule = "clone3,clone:error=EAGAIN:when=2";
    for name in ["server-framework", "framework-echo"] {
        let program = Program::of(name).args(["127.0.0.1:0"]);
        let mut server = program.injected(&strace, &[rule]).start();
        let address = server.address();
        peer::sees_the_end(&mut peer::connect(address));
        server.complains("is lost: no thread for it");
        // Its place is free again, and the next is served.
        if name == "framework-echo" {
            served(address);
        } else {
            greeted(address);
        }
    }
    // A pool that cannot be complete is told at the start.
    let args = ["127.0.0.1:0", "--pool", "3"];
    let program = Program::of("framework-echo").args(args);
    let rule = "clone3,clone:error=EAGAIN:when=2";
    let ended = program.injected(&strace, &[rule]).run();
    ended
        .code(1)
        .complained("cannot start the pool: the system has no thread left");
}

#[cfg(unix)]
#[test]
fn ctrl_c_before_anybody_came_ends_every_design_at_once() {
    for design in DESIGNS {
        let (server, address) = echo(design);
        crate::ends_well(server, nix::sys::signal::Signal::SIGINT, address, &mut []);
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_is_seen_by_those_who_wait_in_either_queue() {
    use nix::sys::signal::Signal::SIGINT;
    for design in [&["--one-by-one"][..], &["--pool", "1"], &["--threads", "1"]] {
        let (server, address) = echo(design);
        let mut first = served(address);
        // For the pool: sixteen in its queue, and some behind them.
        let mut waiting = [address; 20].map(peer::connect);
        echoed(&mut first, "x");
        let start = Instant::now();
        server.signal(SIGINT);
        peer::sees_the_end(&mut first);
        waiting.iter_mut().for_each(peer::sees_the_end);
        server.ends().code(0);
        let took = start.elapsed();
        assert!(took < Duration::from_secs(1), "{design:?}: {took:?}");
    }
}

/// With a queue that is full, the loop sleeps in `send`, and no connection wakes that. The
/// library's loop waits for room first, and that wait hears of the end.
#[cfg(target_os = "linux")]
#[test]
fn with_a_full_queue_the_eighth_step_does_not_hear_ctrl_c_until_there_is_room() {
    use tests::kernel::{LISTEN, descriptors, tcp_sockets_on};
    let program = Program::of("server-framework-8").args(["127.0.0.1:0"]);
    let mut server = program.start();
    let address = server.address();
    let before = descriptors(server.pid());
    // Two at work, sixteen in the queue, and one that the loop wants to put there.
    let crowd = [address; 19].map(peer::connect);
    tests::until("all are accepted", || {
        (descriptors(server.pid()) >= before + 19).then_some(())
    });
    server.interrupt();
    tests::until("it has connected to itself", || {
        let mut rows = tcp_sockets_on(address.port()).into_iter();
        let listener = rows.find(|row| row.state == LISTEN)?;
        (listener.receive_queue == 1).then_some(())
    });
    drop(crowd);
    server.ends().code(0);
}

/// Those who come during the goodbye are refused. (They were connected, and reset 0.3
/// seconds later.) One may be lost in the moment between the last accept and the shutdown
/// of the listener.
#[cfg(target_os = "linux")]
#[test]
fn who_comes_during_the_goodbye_is_refused() {
    let (server, address) = echo(&[]);
    let mut stays = served(address); // it does not close: the goodbye takes its time
    server.interrupt();
    peer::sees_the_end(&mut stays);
    let (mut late, mut reset_at_once) = (Vec::new(), 0);
    let refused = (0..500).find_map(|_| match TcpStream::connect(address) {
        Ok(client) => {
            late.push(peer::with_deadlines(client));
            None
        }
        // Lost in that moment, and before its connect has returned.
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {
            reset_at_once += 1;
            None
        }
        Err(error) => Some(error.kind()),
    });
    assert_eq!(refused, Some(ErrorKind::ConnectionRefused));
    let end =
        |client: &mut TcpStream| client.read(&mut [0]).is_ok_and(|count| count == 0);
    let ends = late.iter_mut().map(end).filter(|end| *end).count();
    let reset = late.len() - ends + reset_at_once;
    assert!(reset <= 1, "{reset} were connected, and reset");
    drop(stays);
    server.ends().code(0);
}

/// While accept waits, it holds the number of the next descriptor. With this limit nothing
/// is left for a connection that would wake it.
///
/// Claim: shutdown on the listener is the way to wake accept.
#[cfg(target_os = "linux")]
#[test]
fn without_a_descriptor_to_wake_it_it_still_hears_ctrl_c() {
    let prlimit = tests::tool!("prlimit");
    for extra in 0..3 {
        let program = Program::of("framework-echo").args(["127.0.0.1:0"]);
        let mut server = program.start();
        let address = server.address();
        let pid = server.pid();
        // Standard input, output, error, the listener; the next one is accept's.
        let limit = format!("--nofile={}:", tests::kernel::descriptors(pid) + 1 + extra);
        let limit = Program::at(&prlimit).args([format!("--pid={pid}"), limit]);
        limit.run().code(0);
        let mut here: Vec<_> = (0..extra).map(|_| served(address)).collect();
        let start = Instant::now();
        server.interrupt();
        here.iter_mut().for_each(peer::sees_the_end);
        server.ends().code(0);
        let took = start.elapsed();
        assert!(took < Duration::from_secs(1), "{took:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn without_descriptors_it_still_hears_ctrl_c() {
    let prlimit = tests::tool!("prlimit");
    let program = Program::of("framework-echo").args(["127.0.0.1:0"]);
    let mut server = program.through(prlimit, ["--nofile=12"]).start();
    let address = server.address();
    let mut clients = [address; 12].map(peer::connect);
    server.complains("(EMFILE)");
    for client in &mut clients[..4] {
        echoed(client, "x");
    }
    std::thread::sleep(Duration::from_millis(1500)); // now it waits a second each time
    let (sigint, here) = (nix::sys::signal::Signal::SIGINT, &mut clients[..4]);
    ends_well(server, sigint, address, here);
}

#[test]
fn contradicting_designs_are_a_wrong_argument() {
    for both in [
        &["--one-by-one", "--pool", "2"][..],
        &["--threads", "2", "--pool", "2"],
        &["--one-by-one", "--threads", "2"],
    ] {
        let ended = Program::of("framework-echo").args(both).run();
        ended.code(2).complained("exclude each other");
    }
}
