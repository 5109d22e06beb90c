//! What our servers do, and what Python's socketserver does: every row of the chapter's
//! table. Both play the same scenarios (scenarios.rs, scenarios.py).

use std::collections::BTreeSet;
use std::io::Read;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use tests::{Program, Running, kernel, peer, tool};

use crate::{answer, nothing_comes, served, socket};

/// A server that plays a scenario: one of ours, or one of Python's.
struct Plays {
    running: Running,
    address: SocketAddr,
}

impl Plays {
    fn start(program: Program) -> Self {
        let mut running = program.start();
        let address = running.address();
        Self { running, address }
    }

    fn serving(program: Program) -> Self {
        let mut plays = Self::start(program);
        plays.told("serve", "serving");
        plays
    }

    /// Types a command, and waits for the line that says that it is done, or has begun.
    fn told(&mut self, command: &str, line: &str) {
        self.running.types(format!("{command}\n"));
        self.running.line(line);
    }

    fn has_said(&self, line: &str) -> bool {
        let printed = String::from_utf8_lossy(&self.running.printed()).into_owned();
        printed.lines().any(|said| said == line)
    }
}

fn ours(kind: &str, what: &str) -> Program {
    Program::example("server-framework", "framework-scenarios").args([kind, what])
}

fn pythons(python3: &Path, kind: &str, what: &str) -> Program {
    let script = tests::root().join("tests/13-server-framework/scenarios.py");
    let program = Program::at(python3).args([script.to_str().expect("UTF-8")]);
    program.args([kind, what])
}

fn both(python3: &Path, kind: &str, what: &str) -> [Plays; 2] {
    [ours(kind, what), pythons(python3, kind, what)].map(Plays::serving)
}

/// An echo comes: this client is being served.
#[track_caller]
fn is_served(client: &mut TcpStream) {
    peer::write(client, "here");
    assert_eq!(peer::read_bytes(client, 4), b"here");
}

/// The table of the chapter and this file hold each other to what they say.
#[test]
fn every_row_of_the_chapters_table_is_a_test_here_and_the_other_way_round() {
    let chapter = tests::root().join("docs/13-server-framework.md");
    let chapter = std::fs::read_to_string(chapter).expect("the chapter");
    let (_, rows) = chapter
        .split_once("## Beside Python's socketserver")
        .expect("its part");
    let rows = rows.lines().skip_while(|line| !line.starts_with("|---"));
    let rows = rows.skip(1).take_while(|line| line.starts_with('|'));
    let told: BTreeSet<_> = rows
        .filter_map(|row| row.trim_end_matches(" |").rsplit_once("| "))
        .map(|(_, test)| test.trim_matches('`'))
        .collect();
    let tests = include_str!("python.rs").split("#[test]\nfn ").skip(1);
    let mut there: BTreeSet<_> =
        tests.filter_map(|test| test.split('(').next()).collect();
    there.retain(|name| !name.starts_with("every_row_") && !name.starts_with('"'));
    assert_eq!(told, there);
}

#[test]
fn hello_world_is_the_same() {
    let python3 = tool!("python3");
    for kind in ["TCPServer", "ThreadingTCPServer"] {
        for server in both(&python3, kind, "hello") {
            for _ in 0..3 {
                let mut client = peer::connect(server.address);
                assert_eq!(peer::read_to_end(&mut client), b"Hello World!\n");
            }
        }
    }
}

#[test]
fn an_echo_is_the_same() {
    let python3 = tool!("python3");
    for kind in ["TCPServer", "ThreadingTCPServer"] {
        for server in both(&python3, kind, "echo") {
            let mut client = peer::connect(server.address);
            is_served(&mut client);
            peer::write(&mut client, vec![b'x'; 100_000]);
            client.shutdown(Shutdown::Write).expect("a FIN");
            assert_eq!(peer::read_to_end(&mut client).len(), 100_000);
        }
    }
}

#[test]
fn at_a_tcp_server_the_second_client_waits() {
    let python3 = tool!("python3");
    for server in both(&python3, "TCPServer", "echo") {
        let mut first = peer::connect(server.address);
        is_served(&mut first);
        let mut second = peer::connect(server.address);
        peer::write(&mut second, "here");
        for _ in 0..20 {
            is_served(&mut first);
            nothing_comes(&mut second);
        }
        drop(first);
        assert_eq!(peer::read_bytes(&mut second, 4), b"here");
    }
}

#[test]
fn at_a_threading_tcp_server_nobody_waits() {
    let python3 = tool!("python3");
    for server in both(&python3, "ThreadingTCPServer", "echo") {
        let mut clients = [server.address; 20].map(served);
        clients.iter_mut().rev().for_each(is_served);
    }
}

#[test]
fn after_an_error_in_a_handler_the_server_goes_on() {
    let python3 = tool!("python3");
    for kind in ["TCPServer", "ThreadingTCPServer"] {
        for mut server in both(&python3, kind, "steps") {
            for letter in ["s", "h", "p"] {
                let mut client = peer::connect(server.address);
                let name = client.local_addr().expect("its address").port();
                peer::write(&mut client, letter);
                peer::sees_the_end(&mut client);
                // It is told on standard error, with the client's address.
                server.running.complains(&name.to_string());
            }
            let mut client = peer::connect(server.address);
            peer::write(&mut client, "x");
            peer::sees_the_end(&mut client);
            server.running.line("finish");
        }
    }
    for kind in ["UDPServer", "ThreadingUDPServer"] {
        for server in both(&python3, kind, "datagram") {
            socket().send_to(b"raise", server.address).expect("sent");
            server.running.complains("as it should");
            assert_eq!(answer(server.address, b"hello"), b"hello");
        }
    }
}

#[test]
fn setup_handle_and_finish_come_in_the_same_order() {
    let python3 = tool!("python3");
    for mut server in both(&python3, "TCPServer", "steps") {
        // x: all is well; h and p: handle fails; s: setup fails. Then the next begins.
        for (letter, steps) in [
            ("x", &["setup", "handle", "finish"][..]),
            ("h", &["setup", "handle", "finish"]),
            ("p", &["setup", "handle", "finish"]),
            ("s", &["setup"]),
            ("x", &["setup", "handle", "finish"]),
        ] {
            let mut client = peer::connect(server.address);
            peer::write(&mut client, letter);
            peer::sees_the_end(&mut client);
            for step in steps {
                assert_eq!(&server.running.line(""), step, "{letter}");
            }
        }
    }
}

#[test]
fn python_makes_a_handler_for_each_client_and_we_have_one_for_all() {
    let python3 = tool!("python3");
    for (server, counts) in both(&python3, "TCPServer", "count")
        .into_iter()
        .zip(["123", "111"])
    {
        for count in counts.bytes() {
            let mut client = peer::connect(server.address);
            assert_eq!(peer::read_to_end(&mut client), [count]);
        }
    }
}

#[test]
fn a_udp_echo_and_an_empty_datagram_are_the_same() {
    let python3 = tool!("python3");
    for kind in ["UDPServer", "ThreadingUDPServer"] {
        for server in both(&python3, kind, "datagram") {
            for datagram in [&b"hello"[..], b"", &[b'x'; 8192]] {
                assert_eq!(answer(server.address, datagram), datagram);
            }
        }
    }
}

#[test]
fn python_cuts_a_datagram_off_at_8192_bytes_and_we_do_not() {
    let python3 = tool!("python3");
    let [ours, pythons] = both(&python3, "UDPServer", "datagram");
    let long = vec![b'x'; 8193];
    assert_eq!(answer(ours.address, &long).len(), 8193);
    assert_eq!(answer(pythons.address, &long).len(), 8192);
}

/// Claim: A server on socketserver restarts and closes as it should.
#[cfg(target_os = "linux")]
#[test]
fn python_queues_six_clients_and_we_a_thousand() {
    let python3 = tool!("python3");
    // Nobody serves: what fits is the kernel's queue, one more than the number.
    let fit = |program| {
        let server = Plays::start(program);
        let moment = Duration::from_millis(300);
        let clients = (0..50)
            .map_while(|_| TcpStream::connect_timeout(&server.address, moment).ok());
        clients.collect::<Vec<_>>().len()
    };
    assert_eq!(fit(pythons(&python3, "TCPServer", "hello")), 6);
    assert_eq!(fit(ours("TCPServer", "hello")), 50);
    // The kernel cuts every number down to somaxconn.
    let ss = tool!("ss");
    let most = std::fs::read_to_string("/proc/sys/net/core/somaxconn");
    let most: u32 = most.expect("Linux").trim().parse().expect("a number");
    let server = Plays::start(ours("TCPServer", "hello"));
    let filter = format!("sport = :{}", server.address.port());
    let ended = Program::at(ss).args(["-Hltn", &filter]).run();
    let limit = ended.stdout.split_whitespace().nth(2).map(str::to_string);
    assert_eq!(limit, Some(most.min(1024).to_string()), "{ended:?}");
}

/// Claim: A server on socketserver restarts and closes as it should.
/// Truth: it sets no SO_REUSEADDR, queues 6 clients, and closes with unread input: a
/// reset, and the end of a long answer is lost.
#[cfg(target_os = "linux")]
#[test]
fn python_does_not_set_so_reuseaddr_and_we_do() {
    use tests::kernel::TIME_WAIT;
    let python3 = tool!("python3");
    // The server closes first: its port is in TIME_WAIT. Does it start again?
    let in_time_wait = |address: SocketAddr| {
        let mut client = peer::connect(address);
        assert_eq!(peer::read_to_end(&mut client), b"Hello World!\n");
        drop(client);
        tests::until("TIME_WAIT", || {
            let mut rows = kernel::tcp_sockets_on(address.port()).into_iter();
            rows.find(|row| row.state == TIME_WAIT)
        });
    };
    let mut server = Plays::serving(pythons(&python3, "TCPServer", "hello"));
    in_time_wait(server.address);
    server.told("shutdown", "shut down");
    server.told("close", "closed");
    let script = "
import socketserver, sys
socketserver.TCPServer(('127.0.0.1', int(sys.argv[1])), None)
";
    let port = server.address.port().to_string();
    let again = Program::at(&python3).args(["-c", script, &port]).run();
    let told = "Address already in use";
    assert!(again.stderr.contains(told), "{again:?}");

    let (server, address) = crate::hello();
    in_time_wait(address);
    drop(server); // killed, even
    let program = Program::of("server-framework").args([address.to_string()]);
    assert_eq!(program.start().address(), address);
}

/// Claim: A server on socketserver restarts and closes as it should.
#[cfg(target_os = "linux")]
#[test]
fn unread_input_costs_a_client_of_python_the_answer_and_none_of_ours() {
    let python3 = tool!("python3");
    let talk = |kind: &str, program: Program| {
        let server = Plays::serving(program);
        let mut client = peer::connect(server.address);
        // It has said something that the handler does not read, and reads slowly itself.
        peer::write(&mut client, "please");
        let mut got = peer::read_bytes(&mut client, 1000);
        tests::until("the handler has written all of it", || {
            let mut rows = kernel::tcp_sockets_on(server.address.port()).into_iter();
            let of_client = rows.find(|row| row.state != kernel::LISTEN);
            // Established no longer: it has shut down, or closed.
            let over = of_client.is_none_or(|row| row.state != kernel::ESTABLISHED);
            over.then_some(())
        });
        let end = client.read_to_end(&mut got);
        println!("{kind}: {} bytes, {end:?}", got.len());
        (got.len(), end.is_ok())
    };
    let kind = "ThreadingTCPServer";
    assert_eq!(talk("ours", ours(kind, "much")), (3_000_000, true));
    let (count, whole) = talk("Python's", pythons(&python3, kind, "much"));
    assert!(count < 3_000_000 && !whole, "{count} {whole}");
}

#[test]
fn shutdown_of_an_idle_server_takes_python_up_to_half_a_second_and_us_none() {
    let python3 = tool!("python3");
    let took = |program| {
        let mut server = Plays::serving(program);
        let start = Instant::now();
        server.told("shutdown", "shut down");
        let took = start.elapsed();
        tests::until("the loop has ended", || {
            server.has_said("served").then_some(())
        });
        took
    };
    for (kind, what) in [("TCPServer", "hello"), ("UDPServer", "datagram")] {
        let ours = (0..5).map(|_| took(ours(kind, what))).min();
        let ours = ours.expect("five");
        // At once also in Python, where it comes just between two looks at the flag.
        let mut pythons = (0..10).map(|_| took(pythons(&python3, kind, what)));
        let slow = pythons.find(|took| *took > Duration::from_millis(150));
        println!("{kind}: {ours:?}, Python's {slow:?}");
        assert!(ours < Duration::from_millis(150), "{kind}: {ours:?}");
        assert!(slow.is_some(), "{kind}: never slow");
    }
}

/// Claim: shutdown of Python's socketserver ends the server.
/// Truth: it ends the loop: a client of TCPServer keeps it waiting, and one of
/// ThreadingTCPServer is served on.
#[test]
fn shutdown_of_a_tcp_server_waits_for_pythons_client_and_ends_ours() {
    let python3 = tool!("python3");
    let [mut ours, mut pythons] = both(&python3, "TCPServer", "echo");
    let mut client = peer::connect(pythons.address);
    is_served(&mut client);
    pythons.told("shutdown", "shutting down");
    for _ in 0..20 {
        is_served(&mut client);
    }
    assert!(!pythons.has_said("shut down"));
    drop(client);
    pythons.running.line("shut down");

    let mut client = peer::connect(ours.address);
    is_served(&mut client);
    let start = Instant::now();
    ours.told("shutdown", "shutting down");
    peer::sees_the_end(&mut client);
    // It does not close. The server ends all the same.
    ours.running.line("shut down");
    assert!(start.elapsed() < Duration::from_secs(1));
}

/// Claim: shutdown of Python's socketserver ends the server.
#[test]
fn shutdown_of_a_threading_server_leaves_pythons_clients_to_close_and_ends_ours() {
    let python3 = tool!("python3");
    let [mut ours, mut pythons] = both(&python3, "ThreadingTCPServer", "echo");
    let mut client = peer::connect(pythons.address);
    is_served(&mut client);
    pythons.told("shutdown", "shut down");
    is_served(&mut client);
    // server_close waits for the threads (block_on_close).
    pythons.running.types("close\n");
    for _ in 0..20 {
        is_served(&mut client);
    }
    assert!(!pythons.has_said("closed"));
    drop(client);
    pythons.running.line("closed");

    let mut client = peer::connect(ours.address);
    is_served(&mut client);
    let start = Instant::now();
    ours.told("shutdown", "shutting down");
    peer::sees_the_end(&mut client);
    ours.running.line("shut down");
    ours.told("close", "closed");
    assert!(start.elapsed() < Duration::from_secs(1));
}

#[test]
fn shutdown_before_serve_forever_waits_in_python_and_not_here() {
    let python3 = tool!("python3");
    let mut server = Plays::start(ours("TCPServer", "hello"));
    server.told("shutdown", "shut down");
    server.told("serve", "served"); // and at once it is over

    let mut server = Plays::start(pythons(&python3, "TCPServer", "hello"));
    server.told("shutdown", "shutting down");
    server.told("serve", "serving");
    server.running.line("shut down");
    let printed = String::from_utf8_lossy(&server.running.printed()).into_owned();
    let serving = printed.find("serving").expect("it was printed");
    assert!(serving < printed.find("shut down").expect("printed"));
}

#[test]
fn a_server_that_was_shut_down_serves_again_in_python_and_not_here() {
    let python3 = tool!("python3");
    let [mut ours, mut pythons] = both(&python3, "TCPServer", "hello");
    for server in [&mut ours, &mut pythons] {
        server.told("shutdown", "shut down");
        server.told("serve", "serving");
    }
    ours.running.line("served");
    let mut client = peer::connect(pythons.address);
    assert_eq!(peer::read_to_end(&mut client), b"Hello World!\n");
}

#[test]
fn shutdown_in_a_handler_returns_in_a_thread_only() {
    let python3 = tool!("python3");
    for mut server in both(&python3, "ThreadingTCPServer", "end") {
        let _client = peer::connect(server.address);
        server.running.line("shutting down");
        server.running.line("shut down");
    }
    let stuck = both(&python3, "TCPServer", "end").map(|mut server| {
        let client = peer::connect(server.address);
        server.running.line("shutting down");
        (server, client)
    });
    std::thread::sleep(Duration::from_secs(1)); // longer than any wait of either
    for (server, _) in &stuck {
        assert!(!server.has_said("shut down") && !server.has_said("served"));
    }
}

#[test]
fn pythons_threads_have_no_limit_and_ours_have() {
    let python3 = tool!("python3");
    let kind = "ThreadingTCPServer";
    let pythons = Plays::serving(pythons(&python3, kind, "echo"));
    let ours = Plays::serving(ours(kind, "echo").args(["2"]));
    let mut clients = [pythons.address; 50].map(served);
    clients.iter_mut().for_each(is_served);

    let (mut first, second) = (served(ours.address), served(ours.address));
    let mut third = peer::connect(ours.address);
    peer::write(&mut third, "here");
    for _ in 0..20 {
        is_served(&mut first);
        nothing_comes(&mut third);
    }
    drop(second);
    assert_eq!(peer::read_bytes(&mut third, 4), b"here");
}

#[cfg(target_os = "linux")]
#[test]
fn without_descriptors_python_burns_a_processor_and_we_wait() {
    let (python3, prlimit) = (tool!("python3"), tool!("prlimit"));
    let kind = "ThreadingTCPServer";
    let starved = |program: Program| {
        let server = Plays::serving(program.through(&prlimit, ["--nofile=16"]));
        let clients = [server.address; 16].map(peer::connect);
        (server, clients)
    };
    let (pythons, _here) = starved(pythons(&python3, kind, "echo"));
    let (ours, _there) = starved(ours(kind, "echo"));
    ours.running.complains("(EMFILE)");
    let used = |server: &Plays| kernel::processor_time(server.running.pid());
    let before = [used(&pythons), used(&ours)];
    let much = Duration::from_millis(300);
    tests::until("Python burns", || {
        (used(&pythons) > before[0] + much).then_some(())
    });
    let ours = used(&ours) - before[1];
    assert!(ours < much / 3, "{ours:?}");
}
