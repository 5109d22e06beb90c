//! Lesson 17: `scale` sends back what comes, in seven designs; `load` measures it, and does
//! not leave out what was late; `compare` runs them all. Unix only: select, poll, /proc.
#![cfg(target_os = "linux")]

mod facts;
mod measured;
mod own_faults;
mod peers;
mod transcripts;

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use tests::{Ended, Program, Running, kernel, peer};

const DESIGNS: [&str; 7] = [
    "one-by-one",
    "thread-each",
    "pool",
    "select",
    "poll",
    "epoll",
    "async",
];

/// The designs whose number of threads does not depend on the number of clients.
const EVENTS: [&str; 4] = ["select", "poll", "epoll", "async"];

/// The designs that serve many clients at once.
const MANY: [&str; 6] = ["thread-each", "pool", "select", "poll", "epoll", "async"];

fn program(design: &str, options: &[&str]) -> Program {
    let all = ["127.0.0.1:0", "--design", design].into_iter();
    Program::of("scale").args(all.chain(options.iter().copied()))
}

/// The server on a port that the kernel chose, and its address.
fn server(design: &str, options: &[&str]) -> (Running, SocketAddr) {
    let mut server = program(design, options).start();
    let address = server.address();
    (server, address)
}

/// The same for several designs, at the same time. A panic tells the design.
fn each(designs: &[&'static str], check: impl Fn(&'static str) + Sync) {
    thread::scope(|scope| {
        for design in designs {
            let check = &check;
            let named = thread::Builder::new().name((*design).to_string());
            named
                .spawn_scoped(scope, move || check(design))
                .expect("a thread");
        }
    });
}

/// Says something, and expects it back.
#[track_caller]
fn echoed(client: &mut TcpStream, message: impl AsRef<[u8]>) {
    let message = message.as_ref();
    peer::write(client, message);
    assert_eq!(peer::read_bytes(client, message.len()), message);
}

/// A client that is served.
#[track_caller]
fn served(address: SocketAddr) -> TcpStream {
    let mut client = peer::connect(address);
    echoed(&mut client, "hello");
    client
}

/// The two lines of `load --csv`, as numbers.
fn load(address: SocketAddr, options: &str) -> (Ended, Vec<f64>) {
    let options = options.split_whitespace().map(str::to_string);
    let all = [address.to_string(), "--csv".to_string()].into_iter();
    let ended = Program::of("load").args(all.chain(options)).run();
    let numbers = ended.stdout.split(['\n', ',']).filter(|it| !it.is_empty());
    let numbers = numbers.map(|it| it.parse().expect("a number")).collect();
    (ended, numbers)
}

// Places in the numbers of `load --csv`.
const CONNECTED: usize = 0;
const SERVED: usize = 1;
const PER_SECOND: usize = 3;
const UNANSWERED: usize = 4;
const P99: usize = 6;
const LONGEST: usize = 8;

#[test]
fn it_says_where_it_listens_and_how_to_talk_to_it() {
    let (mut server, address) = server("epoll", &[]);
    server.line(&format!("try: nc 127.0.0.1 {}", address.port()));
    let printed = String::from_utf8(server.printed()).expect("UTF-8");
    assert!(printed.starts_with(&format!("Listening on {address}\n")));
}

#[test]
fn what_comes_goes_back_in_every_design() {
    each(&DESIGNS, |design| {
        let (_server, address) = server(design, &[]);
        for _ in 0..2 {
            let mut client = served(address);
            echoed(&mut client, "x");
            let long: Vec<u8> = (0..100_000_u32).map(|n| (n % 251) as u8).collect();
            let mut writer = client.try_clone().expect("a second handle");
            thread::scope(|scope| {
                scope.spawn(|| peer::write(&mut writer, &long));
                assert_eq!(peer::read_bytes(&mut client, long.len()), long);
            });
            client.shutdown(Shutdown::Write).expect("a FIN");
            peer::sees_the_end(&mut client);
        }
    });
}

/// More is in the queue than a client's turn takes, and nothing new comes.
#[test]
fn what_a_turn_has_left_is_served_in_the_next() {
    each(&MANY, |design| {
        let (server, address) = server(design, &[]);
        let mut client = served(address);
        server.stop(); // so that it finds all of it at once
        peer::write(&mut client, [b'x'; 60_000]);
        server.go_on();
        let back = peer::read_bytes(&mut client, 60_000);
        assert!(back.iter().all(|byte| *byte == b'x'), "{design}");
    });
}

#[test]
fn without_a_design_it_is_epoll() {
    let mut server = Program::of("scale").args(["127.0.0.1:0"]).start();
    let address = server.address();
    server.line("design: epoll; ");
    let _clients = [address; 5].map(served);
    assert_eq!(kernel::threads(server.pid()), 2); // and Ctrl+C's
}

#[test]
fn one_by_one_serves_one_and_the_next_when_that_has_gone() {
    let (_server, address) = server("one-by-one", &[]);
    let first = served(address);
    let mut second = peer::connect(address);
    peer::write(&mut second, "hello");
    let short = Some(Duration::from_millis(200));
    second.set_read_timeout(short).expect("a timeout");
    let answer = second.read(&mut [0; 5]).map_err(|error| error.kind());
    assert_eq!(answer, Err(ErrorKind::WouldBlock), "it waits");
    drop(first);
    let mut second = peer::with_deadlines(second);
    assert_eq!(peer::read_bytes(&mut second, 5), b"hello");
}

#[test]
fn a_pool_serves_as_many_as_it_has_workers() {
    let (server, address) = server("pool", &["--workers", "3"]);
    let (ended, numbers) = load(address, "--connections 5 --seconds 0.1");
    ended.code(0);
    assert_eq!((numbers[CONNECTED], numbers[SERVED]), (5.0, 3.0));
    assert_eq!(kernel::threads(server.pid()), 4); // 3, and Ctrl+C's
}

#[test]
fn a_thread_each_has_a_thread_for_each_and_the_event_designs_have_not() {
    each(
        &["thread-each", "select", "poll", "epoll", "async"],
        |design| {
            let (server, address) = server(design, &[]);
            let clients: Vec<_> = (0..50).map(|_| served(address)).collect();
            let threads = kernel::threads(server.pid());
            let expected = if design == "thread-each" { 52 } else { 2 };
            assert_eq!(threads, expected, "{design}");
            drop(clients);
        },
    );
}

#[test]
fn an_idle_client_costs_a_thread_more_than_a_task_and_a_task_more_than_an_entry() {
    if !tests::may_hold(2_000) {
        return;
    }
    let cost = |design| {
        let (server, address) = server(design, &[]);
        let mut clients: Vec<_> = (0..10).map(|_| served(address)).collect();
        let before = kernel::resident_kib(server.pid());
        clients.extend((0..800).map(|_| served(address)));
        kernel::resident_kib(server.pid()).saturating_sub(before)
    };
    let [thread, task, entry] = ["thread-each", "async", "epoll"].map(cost);
    println!("800 clients: {thread} KiB, {task} KiB, {entry} KiB");
    assert!(thread > task && task > entry, "{thread} {task} {entry}");
    assert!(entry < 800, "{entry} KiB: that is no entry in a list");
}

#[test]
fn thousands_connect_at_once_and_nobody_waits_for_a_retry() {
    if !tests::may_hold(4_000) {
        return;
    }
    for design in ["thread-each", "poll", "epoll", "async"] {
        let (_server, address) = server(design, &[]);
        let (ended, numbers) = load(address, "--connections 1 --idle 2999 --seconds 0.1");
        ended.code(0);
        assert_eq!((numbers[CONNECTED], numbers[SERVED]), (3000.0, 3000.0));
        // A moment; but other tests run beside this one.
        assert!(numbers[2] < 10.0, "{design}: {} s", numbers[2]);
    }
}

#[test]
fn load_tells_what_the_server_said_though_another_was_reset_before() {
    let (listener, address) = peer::listener();
    let serving = thread::spawn(move || {
        let [first, mut second, third] =
            std::array::from_fn(|_| listener.accept().expect("a client").0);
        peer::reset(first);
        peer::read_bytes(&mut second, 64); // unread, it would become a reset, too
        peer::write(&mut second, "error: this server is full\n");
        let (mut from, mut to) = (&third, &third);
        std::io::copy(&mut from, &mut to).ok();
    });
    let ended = load(address, "--connections 3 --seconds 0.1").0;
    serving.join().expect("no panic");
    ended
        .code(1)
        .complained("2 of 3 connections were lost: the server says: this server is full");
}

#[test]
fn load_counts_every_answer_once() {
    let (address, counting) = peer::serve_one(|mut stream| {
        let mut count = 0;
        let mut message = [0; 64];
        while stream.read_exact(&mut message).is_ok() {
            stream.write_all(&message).expect("load reads");
            count += 1;
        }
        count
    });
    let (ended, numbers) = load(address, "--connections 1 --seconds 0.5");
    ended.code(0);
    let seen = f64::from(counting.join().expect("no panic"));
    // The greeting is not counted, and the last answer may have come too late.
    let counted = numbers[PER_SECOND] * 0.5;
    assert!((seen - 3.0..seen).contains(&counted), "{counted} of {seen}");
}

#[test]
fn an_open_loop_keeps_its_rate_and_a_closed_one_goes_as_fast_as_it_can() {
    let (_server, address) = server("epoll", &[]);
    let (_, open) = load(address, "--connections 10 --seconds 0.5 --rate 500");
    assert!((490.0..=500.0).contains(&open[PER_SECOND]), "{open:?}");
    let (_, closed) = load(address, "--connections 10 --seconds 0.5");
    assert!(closed[PER_SECOND] > 1000.0, "{closed:?}");
}

/// Claim: A load test asks, waits, asks again, and so tells how long people wait.
/// Truth: while the server stands still it asks nothing, and leaves out just the late
/// answers ("coordinated omission"): questions have to be due at their times, and count
/// from then.
#[test]
fn what_was_due_while_the_server_stood_still_counts_as_late() {
    // A server stops for 0.4 of 1.2 seconds. In an open loop, a third of the messages were
    // due in that time: half of those waited 0.2 s and more.
    let measured = |rate: &str| {
        let (server, address) = server("epoll", &[]);
        let options = format!("--connections 1 --seconds 1.2 {rate}");
        thread::scope(|scope| {
            let run = scope.spawn(move || load(address, &options).1);
            tests::until("the client has come", || {
                let rows = kernel::tcp_sockets_on(address.port());
                let mut rows = rows.into_iter();
                rows.find(|row| row.state == kernel::ESTABLISHED)
            });
            thread::sleep(Duration::from_millis(300)); // some of the run
            server.stop();
            thread::sleep(Duration::from_millis(400)); // the standstill itself
            server.go_on();
            run.join().expect("no panic")
        })
    };
    let open = measured("--rate 1000");
    assert!(open[P99] > 300_000.0, "{open:?}");
    // The closed loop asked nothing while it waited: one single answer was late. On a machine
    // with much else to do, others may be late, too: then it is tried again.
    let alone = (0..5).map(|_| measured("")).find(|closed| {
        assert!(closed[LONGEST] > 300_000.0, "{closed:?}");
        closed[P99] < 100_000.0
    });
    assert!(alone.is_some(), "99 % were late five times");
}

/// Claim: A load test asks, waits, asks again, and so tells how long people wait.
#[test]
fn who_is_not_answered_is_not_left_out() {
    let (_server, address) = server("one-by-one", &[]);
    let (ended, numbers) = load(address, "--connections 2 --seconds 0.5 --rate 100");
    ended.code(0);
    assert_eq!((numbers[CONNECTED], numbers[SERVED]), (2.0, 1.0));
    assert_eq!(numbers[UNANSWERED], 25.0, "{numbers:?}");
    assert!(numbers[P99] > 400_000.0, "{numbers:?}");
}

#[test]
fn load_without_an_address_talks_to_a_server_of_its_own() {
    let ended = Program::of("load").args(["--seconds", "0.1"]).run();
    ended.code(0);
    assert!(ended.stdout.starts_with("No address given: "), "{ended:?}");
    assert!(ended.stdout.contains("served: 10\n"), "{ended:?}");
}

#[test]
fn load_takes_messages_of_any_size() {
    each(&DESIGNS, |design| {
        let (_server, address) = server(design, &[]);
        for size in [1, 4096, 4097, 300_000] {
            let options = format!("--connections 1 --seconds 0.3 --size {size}");
            let (ended, numbers) = load(address, &options);
            ended.code(0);
            assert!(numbers[PER_SECOND] > 0.0, "{design} {size}: {numbers:?}");
        }
    });
}

#[test]
fn load_hits_nobody_but_this_machine_and_not_for_long() {
    for (args, told) in [
        (&["192.0.2.1:80"][..], "192.0.2.1:80 is not on this machine"),
        (&["--connections", "20001"], "`20001` does not fit"),
        (
            &["--connections", "15000", "--idle", "10000"],
            "`10000` does not fit",
        ),
        (&["--size", "2000000"], "`2000000` does not fit --size"),
        (&["--rate", "2000000"], "`2000000` does not fit --rate"),
    ] {
        let ended = Program::of("load").args(args).run();
        ended.code(2).complained(told);
        assert!(ended.took < Duration::from_secs(2), "{ended:?}");
    }
    let start = Instant::now();
    let (server, address) = server("epoll", &[]);
    drop(server);
    load(address, "--seconds 1000").0.code(1);
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn compare_measures_and_draws_what_it_is_told_to() {
    if !tests::may_hold(2_100) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let save = folder.path().display().to_string();
    let only = ["--only", "epoll", "--only", "one-by-one"];
    let command =
        Program::of("compare").args(["--quick", "--seconds", "0.05", "--save", &save]);
    let ended = command
        .args(only)
        .start()
        .ends_within(Duration::from_secs(60));
    ended.code(0);
    for text in ["1 clients:", "1000 clients:", "epoll ", "one-by-one "] {
        assert!(ended.stdout.contains(text), "{text}: {}", ended.stdout);
    }
    assert!(!ended.stdout.contains("thread-each"), "{}", ended.stdout);
    let read =
        |name: &str| std::fs::read_to_string(folder.path().join(name)).expect(name);
    assert!(ended.stdout.contains(&read("table.txt")));
    for plot in ["throughput", "latency", "memory", "idle"] {
        let svg = read(&format!("{plot}.svg"));
        assert!(svg.contains("<svg") && svg.contains("epoll"), "{plot}");
    }
    // One round: four steps, closed and (where all were served) open, and two beside idle
    // clients for epoll.
    let rows = read("measured.csv").lines().count() - 2;
    assert_eq!(rows, (4 + 4 + 2) + (4 + 1), "{}", read("measured.csv"));
}
