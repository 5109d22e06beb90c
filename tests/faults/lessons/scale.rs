//! Lesson 17: one echo in seven designs, the program that measures it, and all of them.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal::{SIGINT, SIGTERM};
use tests::{Program, Running, kernel, peer, tool, until, until_within};

use crate::every_program::DISK_IS_FULL;
use crate::row::{Client, Crowd, Kind, Lost, Row, Server, Up, client, server};
use crate::servers::unread_input_does_not_cost_the_last_echo;
use crate::{fd_setsize, means};

const DEAF: &str = "a_peer_that_does_not_read_stops_nobody_else";
const UNREAD: &str = "unread_input_does_not_cost_the_last_answer";
const URGENT: &str = "an_urgent_byte_stops_nothing";
const MEMORY: &str = "a_thread_each_leaves_memory_for_the_others";
const HIGH: &str = "a_descriptor_above_fd_setsize_is_no_panic";
const BEYOND: &str = "a_client_beyond_fd_setsize_is_sent_away";
const FREED: &str = "a_freed_descriptor_ends_the_wait_of_an_event_loop";
const AT_THE_END: &str = "a_client_that_comes_at_the_end_is_refused_and_not_kept_waiting";
const NOT_STARTED: &str = "a_server_that_does_not_start_is_told";
const LEFT: &str = "nothing_that_it_started_stays_behind";

pub fn rows() -> Vec<Row> {
    let many = Server {
        default: "127.0.0.1:7777",
        lost: Lost::Silently,
        asks: |word| (word.into(), word.into()),
        one_recv_is_a_message: true,
        ..Server::default()
    };
    let one_by_one = Server {
        crowd: Crowd::InTurn,
        ..many.clone()
    };
    let design = |name, options, design: &Server| {
        server("scale", design.clone())
            .variant(name, options)
            .own(UNREAD, unread_input_does_not_cost_the_last_echo)
            .own(URGENT, an_urgent_byte_stops_nothing)
            .wrong(&[
                ("--design fork", "`fork`"),
                ("--workers 0", "`0` does not fit --workers"),
                ("--workers many", "`many` does not fit --workers"),
                ("--patience 0", "`0` does not fit --patience"),
            ])
            .not(
                "a_full_disk_behind_its_output_is_told",
                "its handler ends it at once",
            )
            .not(
                "an_endless_message_is_refused",
                "what comes goes back: no message",
            )
    };
    let event_loop = |name, options| {
        design(name, options, &many)
            .own(FREED, a_freed_descriptor_ends_the_wait_of_an_event_loop)
    };
    vec![
        design("one-by-one", &["--design", "one-by-one"], &one_by_one),
        design("thread-each", &["--design", "thread-each"], &many)
            .own(MEMORY, a_thread_each_leaves_memory_for_the_others)
            .shown("scale-2", MEMORY, "failed to spawn thread"),
        design("pool", &["--design", "pool"], &many),
        event_loop("select", &["--design", "select"])
            .own(HIGH, fd_setsize::a_server_beyond_says_so)
            .own(BEYOND, fd_setsize::a_client_beyond_is_sent_away)
            .shown("scale-4", DEAF, "7 bytes")
            .shown("scale-4", HIGH, "panicked")
            .shown("scale-4", BEYOND, "panicked")
            .shown("control-waits", FREED, "served after")
            .shown("control-waits", AT_THE_END, "refused nobody before"),
        event_loop("poll", &["--design", "poll"]).shown("scale-5", DEAF, "7 bytes"),
        event_loop("epoll", &["--design", "epoll"]),
        design("async", &["--design", "async"], &many)
            .shown("scale-7", URGENT, "\"abc\""),
        load(),
        compare(),
    ]
}

fn load() -> Row {
    let load = Client {
        timeout: "",
        ..Client::default()
    };
    client("load", load)
        .not(
            "unreachable_places_are_told_apart",
            "asks this machine alone",
        )
        .not("a_scoped_address_is_understood", "asks this machine alone")
        .options(&["--connections", "1", "--seconds", "0.3"])
        .wrong(&[
            ("--connections -1", "`-1` does not fit --connections"),
            ("--connections all", "`all` does not fit --connections"),
            ("--size 0", "`0` does not fit --size"),
            ("--seconds 0", "`0` does not fit --seconds"),
        ])
}

fn compare() -> Row {
    Row::new("compare", Kind::Other)
        .wrong(&[
            ("--also nothing", "`nothing`"),
            ("--rounds many", "`many` does not fit --rounds"),
            ("--rounds 0", "`0` does not fit --rounds"),
            ("--only fork", "`fork`"),
            ("--seconds 0", "`0` does not fit --seconds"),
        ])
        .own("a_closed_output_is_no_panic", a_closed_output_is_no_panic)
        .own(
            "a_full_disk_behind_its_output_is_told",
            a_full_disk_behind_its_output_is_told,
        )
        .own(
            "ctrl_c_and_sigterm_end_it_cleanly",
            ctrl_c_and_sigterm_end_it_cleanly,
        )
        .own(NOT_STARTED, a_server_that_does_not_start_is_told)
        .own(LEFT, nothing_that_it_started_stays_behind)
        .shown("control-starts", NOT_STARTED, "left: Some(0)")
        .shown("control-starts", LEFT, "they have ended")
}

/// A client that is served: what it says comes back.
fn served(up: &mut Up) -> TcpStream {
    let mut client = peer::connect(up.address);
    up.asks(&mut client, "hello");
    client
}

/// Claim: A read that did not fill the buffer has emptied the socket (epoll(7)).
/// Truth: a receive stops at the urgent byte, too. Whoever is told of changes only has
/// to read until there is nothing (EAGAIN).
fn an_urgent_byte_stops_nothing(row: &Row) {
    let mut up = row.up(row.as_server(), &[]);
    let mut client = served(&mut up);
    up.running.stop(); // it is to find all of it at once
    peer::write(&mut client, "abc");
    let urgent = socket2::SockRef::from(&client).send_out_of_band(b"!");
    assert_eq!(urgent.expect("sent"), 1);
    peer::write(&mut client, "def");
    up.running.go_on();
    let mut back = Vec::new();
    let mut buffer = [0; 6];
    while back.len() < 6
        && let Ok(count @ 1..) = client.read(&mut buffer)
    {
        back.extend(&buffer[..count]);
    }
    assert_eq!(String::from_utf8_lossy(&back), "abcdef");
}

/// The wait after a lack of descriptors grows to a second. Whoever leaves ends it.
fn a_freed_descriptor_ends_the_wait_of_an_event_loop(row: &Row) {
    let prlimit = tool!("prlimit");
    let program = row.program("127.0.0.1:0", &[]);
    let mut up = row.up_from(
        row.as_server(),
        program.through(prlimit, ["--nofile=40:40"]),
    );
    // As many as find room below 40.
    let mut here = vec![served(&mut up)];
    let room = means::free_below(up.running.pid(), 40).len();
    here.extend((0..room).map(|_| served(&mut up)));
    let mut waiting = peer::connect(up.address);
    up.running.complains("cannot accept");
    thread::sleep(Duration::from_millis(2500)); // the wait has grown
    let start = Instant::now();
    drop(here.pop());
    up.asks(&mut waiting, "at last");
    let took = start.elapsed();
    assert!(took < Duration::from_millis(400), "served after {took:?}");
}

/// An allocation that fails aborts the process: so a thread must not take the last.
fn a_thread_each_leaves_memory_for_the_others(row: &Row) {
    let prlimit = tool!("prlimit");
    let program = row.program("127.0.0.1:0", &[]);
    let mut up =
        row.up_from(row.as_server(), program.through(prlimit, ["--as=40000000"]));
    let _first = served(&mut up);
    let mut here: Vec<_> = (0..300).map(|_| peer::connect(up.address)).collect();
    up.running.complains("no thread for it");
    for client in &mut here {
        client.write_all(&[b'x'; 3000]).ok(); // whoever was refused may be gone
    }
    drop(here);
    until("one more is served", || {
        let mut client = peer::connect(up.address);
        client.write_all(b"hello").ok()?;
        client.read_exact(&mut [0; 5]).ok()
    });
    up.running.interrupt();
    up.running.ends().code(0);
}

/// `compare` with as little as it can measure.
fn quick(row: &Row, folder: &tempfile::TempDir) -> Program {
    let only = ["--quick", "--seconds", "0.05", "--only", "epoll", "--save"];
    row.bare().args(only).args([folder.path()])
}

/// `compare` with what it has measured before.
fn from_saved(row: &Row, folder: &tempfile::TempDir) -> Program {
    let saved = tests::root().join("docs/17-scale/measured.csv");
    let program = row.bare().args(["--from"]).args([saved]);
    program.args(["--save"]).args([folder.path()])
}

fn a_closed_output_is_no_panic(row: &Row) {
    let folder = tempfile::tempdir().expect("a folder");
    let ended = from_saved(row, &folder).start_with_closed_output().ends();
    ended.code(0);
    assert_eq!(ended.stderr, "");
}

fn a_full_disk_behind_its_output_is_told(row: &Row) {
    let folder = tempfile::tempdir().expect("a folder");
    let ended = from_saved(row, &folder).start_with_full_disk().ends();
    ended.code(1).complained(DISK_IS_FULL);
}

fn ctrl_c_and_sigterm_end_it_cleanly(row: &Row) {
    for signal in [SIGINT, SIGTERM] {
        let folder = tempfile::tempdir().expect("a folder");
        let running = quick(row, &folder).args(["--rounds", "100"]).start();
        measures(&running);
        running.signal(signal);
        running.ends_within(Duration::from_secs(1)).code(0);
    }
}

fn a_server_that_does_not_start_is_told(row: &Row) {
    let folder = tempfile::tempdir().expect("a folder");
    for (also, told) in [
        ("x=/bin/true", "it ended without `Listening on HOST:PORT`"),
        ("x=/nowhere/at/all", "(ENOENT)"),
        ("x=/bin/echo Listening on 127.0.0.1:1", "cannot measure x"),
    ] {
        let ended = quick(row, &folder).args(["--also", also]).run();
        ended.code(1).complained(told);
    }
    let ended = row.bare().args(["--from", "/nowhere"]).run();
    ended.code(1).complained("cannot read /nowhere");
}

fn nothing_that_it_started_stays_behind(row: &Row) {
    let folder = tempfile::tempdir().expect("a folder");
    let running = quick(row, &folder).args(["--rounds", "100"]).start();
    measures(&running);
    until_within(tests::WHOLE, "a server and a load", || {
        (others_in_its_group(&running) > 0).then_some(())
    });
    running.terminate();
    until("they have ended", || {
        (others_in_its_group(&running) == 0).then_some(())
    });
    running.ends().code(0);
}

/// cargo looks first whether all is built, which may take its time.
fn measures(running: &Running) {
    until_within(tests::WHOLE, "it measures", || {
        let printed = String::from_utf8_lossy(&running.printed()).into_owned();
        let round = "round 1 of 100: 10 clients, epoll";
        printed.contains(round).then_some(())
    });
}

fn others_in_its_group(running: &Running) -> usize {
    let group = running.pid();
    let all = fs::read_dir("/proc").expect("/proc").flatten();
    all.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| *pid != group && kernel::group(*pid) == Some(group))
        .count()
}
