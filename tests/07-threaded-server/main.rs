//! Lesson 07: `threaded-server` greets many clients at once, and `threaded-server-client`
//! is greeted three times.

mod facts;
mod peers;
mod transcripts;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use tests::{Program, Running, peer};

const FULL: &str = "error: this server is full, try again later\n";

/// The server on a port that the kernel chose, and its address.
fn server(options: &[&str]) -> (Running, SocketAddr) {
    let all = ["127.0.0.1:0"].iter().chain(options);
    let mut server = Program::of("threaded-server").args(all).start();
    let address = server.address();
    (server, address)
}

/// A client that has been welcomed.
#[track_caller]
fn welcomed(address: SocketAddr) -> TcpStream {
    let mut client = peer::connect(address);
    assert_eq!(peer::read_line(&mut client), "Welcome!\n");
    client
}

/// Sends a name, without an end of line, and expects the greeting.
#[track_caller]
fn greeted(client: &mut TcpStream, name: &str) {
    peer::write(client, name);
    assert_eq!(peer::read_line(client), format!("Hello, {name}!\n"));
}

/// A client that says much and takes no answer, until the server's send is full.
fn stuck(address: SocketAddr) -> TcpStream {
    let mut client = peer::connect(address);
    client
        .set_write_timeout(Some(Duration::from_millis(200)))
        .expect("a timeout");
    let names = "Michael\n".repeat(1_000);
    while client.write_all(names.as_bytes()).is_ok() {}
    client
}

/// Sends the signal: every client sees the end, the server is gone within a second, and
/// its port is free.
#[cfg(unix)]
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
    let ended = server.ends();
    ended.code(0);
    // They were told while the server was still there to see them go.
    let seen = ended.stdout.contains("has left");
    assert!(seen || clients.is_empty(), "{ended:?}");
    let took = start.elapsed();
    assert!(took < Duration::from_secs(1), "{signal}: {took:?}");
    std::net::TcpListener::bind(address).expect("the port is free at once");
}

#[test]
fn it_says_where_it_listens_and_how_to_talk_to_it() {
    let (mut server, address) = server(&[]);
    let port = address.port();
    server.line(&format!("try: nc 127.0.0.1 {port}"));
    let printed = String::from_utf8(server.printed()).expect("UTF-8");
    assert!(printed.starts_with(&format!("Listening on 127.0.0.1:{port}\n")));
}

#[test]
fn a_message_is_what_one_recv_returns_its_end_trimmed() {
    let (_server, address) = server(&[]);
    let mut client = welcomed(address);
    greeted(&mut client, "Michael");
    for end in ["\n", "\r\n", " \n", "\0\n"] {
        peer::write(&mut client, format!("Tracy{end}"));
        let kept = end.trim_ascii_end();
        let answer = format!("Hello, Tracy{kept}!\n");
        assert_eq!(peer::read_line(&mut client), answer);
    }
}

#[test]
fn each_line_of_a_message_is_greeted() {
    let (_server, address) = server(&[]);
    let mut client = welcomed(address);
    peer::write(&mut client, "Michael\nTracy\r\nSarah");
    for name in ["Michael", "Tracy", "Sarah"] {
        assert_eq!(peer::read_line(&mut client), format!("Hello, {name}!\n"));
    }
}

#[test]
fn a_name_in_two_pieces_is_two_names_which_lesson_09_will_cure() {
    let (_server, address) = server(&[]);
    let mut client = welcomed(address);
    greeted(&mut client, "Mich");
    greeted(&mut client, "ael");
}

#[test]
fn exit_ends_the_connection() {
    let (mut server, address) = server(&[]);
    for exit in ["exit", "exit\n", "exit\r\n"] {
        let mut client = welcomed(address);
        greeted(&mut client, "Sarah");
        peer::write(&mut client, exit);
        peer::sees_the_end(&mut client);
        server.line("has left");
    }
    let mut client = welcomed(address);
    peer::write(&mut client, "Michael\nexit\nTracy\n");
    assert_eq!(peer::read_line(&mut client), "Hello, Michael!\n");
    peer::sees_the_end(&mut client);
}

#[test]
fn nobody_waits_for_anybody() {
    let (_server, address) = server(&[]);
    let mut clients = [address; 20].map(welcomed);
    for client in clients.iter_mut().rev() {
        greeted(client, "Tracy");
    }
}

#[cfg(unix)]
#[test]
fn a_thousand_clients_at_once_are_all_served_and_all_see_the_end() {
    if !tests::may_hold(3_000) {
        return;
    }
    let (server, address) = server(&[]);
    // They all come in a moment when the server has no time for them.
    server.stop();
    let start = Instant::now();
    let mut clients: Vec<_> = (0..1_000).map(|_| peer::connect(address)).collect();
    let connected = start.elapsed();
    server.go_on();
    for client in &mut clients {
        assert_eq!(peer::read_line(client), "Welcome!\n");
    }
    for (number, client) in clients.iter_mut().enumerate() {
        greeted(client, &format!("number {number}"));
    }
    // A client whose SYN is dropped tries again after a second.
    assert!(connected < Duration::from_secs(1), "{connected:?}");

    let start = Instant::now();
    server.interrupt();
    for client in &mut clients {
        peer::sees_the_end(client);
    }
    server.ends().code(0);
    let took = start.elapsed();
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[test]
fn a_client_too_many_is_sent_away_politely() {
    let (mut server, address) = server(&["--max-clients", "2"]);
    let mut here = [welcomed(address), welcomed(address)];
    for _ in 0..3 {
        let mut third = peer::connect(address);
        assert_eq!(peer::read_to_end(&mut third), FULL.as_bytes());
    }
    server.line("is sent away: the server is full");
    greeted(&mut here[0], "Michael");
    let [first, _second] = here;
    drop(first);
    server.line("has left");
    // Its thread says so, and then it ends: a moment later there is a place.
    tests::until("a free place", || {
        let mut next = peer::connect(address);
        (peer::read_line(&mut next) == "Welcome!\n").then_some(())
    });
}

#[test]
fn those_who_are_sent_away_and_stay_stop_nobody() {
    let (_server, address) = server(&["--max-clients", "1"]);
    let mut here = welcomed(address);
    let start = Instant::now();
    let mut away: Vec<_> = (0..200).map(|_| peer::connect(address)).collect();
    greeted(&mut here, "Sarah");
    for client in &mut away {
        assert_eq!(peer::read_line(client), FULL);
    }
    let took = start.elapsed();
    assert!(took < Duration::from_secs(3), "{took:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn one_clients_panic_is_its_own() {
    // The kernel lies: a client's second recv returns more than fits. Our index panics.
    let strace = tests::tool!("strace");
    let rule = "recvfrom:retval=5000:when=2";
    let args = ["127.0.0.1:0", "--max-clients", "2"];
    let program = Program::of("threaded-server").args(args);
    let mut server = program.injected(strace, &[rule]).start();
    let address = server.address();

    let mut calm = welcomed(address);
    let mut unlucky = welcomed(address);
    let name = unlucky.local_addr().expect("its address").to_string();
    greeted(&mut unlucky, "Michael");
    peer::write(&mut unlucky, "Tracy");
    server.complains("panicked at");
    assert!(server.stderr().contains(&name), "{}", server.stderr());
    let end = unlucky.read(&mut [0; 64]);
    assert!(matches!(end, Ok(0) | Err(_)), "its connection has ended");

    // Its place is free, the others are served, and the server ends as ever.
    let mut next = tests::until("a free place", || {
        let mut next = peer::connect(address);
        (peer::read_line(&mut next) == "Welcome!\n").then_some(next)
    });
    greeted(&mut calm, "Sarah");
    greeted(&mut next, "Michael");
    server.terminate();
    peer::sees_the_end(&mut next);
    server.ends().code(0);
}

#[cfg(target_os = "linux")]
#[test]
fn where_no_thread_can_be_started_only_that_client_is_lost() {
    // The first thread is the one of Ctrl+C.
    let strace = tests::tool!("strace");
    let rule = "clone3,clone:error=EAGAIN:when=2";
    let program = Program::of("threaded-server").args(["127.0.0.1:0"]);
    let mut server = program.injected(strace, &[rule]).start();
    let address = server.address();
    peer::sees_the_end(&mut peer::connect(address));
    server.line("is lost, no thread: ");
    greeted(&mut welcomed(address), "Tracy");
}

#[cfg(target_os = "linux")]
#[test]
fn where_no_thread_can_be_started_the_client_says_so_of_its_practice_server() {
    // The first thread is the one of Ctrl+C.
    let strace = tests::tool!("strace");
    let rule = "clone3,clone:error=EAGAIN:when=2";
    let ended = Program::of("threaded-server-client")
        .injected(strace, &[rule])
        .run();
    ended
        .code(1)
        .complained("cannot start the practice server: ");
}

#[test]
fn help_says_what_each_program_does_with_an_example() {
    for program in ["threaded-server", "threaded-server-client"] {
        let ended = Program::of(program).args(["--help"]).run();
        ended.code(0);
        let example = "example: cargo run -p threaded-server";
        assert!(ended.stdout.contains(example), "{ended:?}");
    }
}

/// What the client prints when all goes well.
const TALK: &str = "Welcome!\nHello, Michael!\nHello, Tracy!\nHello, Sarah!\n";

#[test]
fn the_client_without_an_argument_talks_to_its_own_practice_server() {
    let ended = Program::of("threaded-server-client").run();
    ended.code(0);
    let (first, rest) = ended.stdout.split_once('\n').expect("lines");
    assert!(first.starts_with("No address given: a practice server"));
    assert_eq!(rest, TALK);
}

#[test]
fn the_client_is_greeted_by_the_server() {
    let (mut server, address) = server(&[]);
    let client = Program::of("threaded-server-client").args([address.to_string()]);
    let ended = client.run();
    ended.code(0);
    assert_eq!(ended.stdout, TALK);
    server.line("has left");
}

#[test]
fn the_client_tells_that_the_server_is_full() {
    let (_server, address) = server(&["--max-clients", "1"]);
    let _first = welcomed(address);
    let client = Program::of("threaded-server-client").args([address.to_string()]);
    let ended = client.run();
    ended
        .code(1)
        .complained("the server says: this server is full, try again later");
}

#[cfg(target_os = "linux")]
#[test]
fn without_descriptors_it_still_hears_ctrl_c() {
    let prlimit = tests::tool!("prlimit");
    let program = Program::of("threaded-server").args(["127.0.0.1:0"]);
    let mut server = program.through(prlimit, ["--nofile=12"]).start();
    let address = server.address();
    let mut clients = [address; 12].map(peer::connect);
    server.complains("(EMFILE)");
    for client in &mut clients[..4] {
        assert_eq!(peer::read_line(client), "Welcome!\n");
    }
    ends_well(
        server,
        nix::sys::signal::Signal::SIGINT,
        address,
        &mut clients[..4],
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_though_clients_neither_read_nor_close() {
    let (server, address) = server(&[]);
    let stuck = stuck(address);
    let start = Instant::now();
    server.interrupt();
    server.ends().code(0);
    let took = start.elapsed();
    assert!(took < Duration::from_secs(1), "{took:?}");
    drop(stuck);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_well_for_clients_in_the_queue() {
    use nix::sys::signal::Signal::SIGINT;
    if !tests::may_hold(3_000) {
        return;
    }
    let (server, address) = server(&[]);
    server.stop();
    // So many that the loop hears of the end before it has taken them all.
    let mut queued = [address; 500].map(peer::connect);
    server.signal(SIGINT);
    server.go_on();
    for client in &mut queued {
        // Some may have been welcomed just before.
        let all = peer::read_to_end(client);
        assert!(matches!(&all[..], b"" | b"Welcome!\n"), "{all:?}");
    }
    server.ends().code(0);
}

#[test]
fn many_of_our_clients_at_once_are_greeted() {
    let (_server, address) = server(&[]);
    let clients = [(); 8].map(|()| {
        std::thread::spawn(move || {
            Program::of("threaded-server-client")
                .args([address.to_string()])
                .run()
        })
    });
    for client in clients {
        client.join().expect("no panic").code(0);
    }
}
