//! Lesson 06: `forever-loop` answers one client after another, and ends cleanly.

mod facts;
mod peers;
mod transcripts;

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use tests::{Program, Running, peer};

/// The server on a port that the kernel chose, and its address.
fn server(options: &[&str]) -> (Running, SocketAddr) {
    let all = ["127.0.0.1:0"].iter().chain(options);
    let mut server = Program::of("forever-loop").args(all).start();
    let address = server.address();
    (server, address)
}

/// Sends a line, and expects its answer.
#[track_caller]
fn ask(client: &mut TcpStream, line: &str) {
    peer::write(client, format!("{line}\n"));
    assert_eq!(peer::read_line(client), format!("OK... {line}\n"));
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
fn each_line_comes_back_behind_ok() {
    let (_server, address) = server(&[]);
    let mut client = peer::connect(address);
    for line in ["hello", "", "  spaces  ", "OK... ", "é"] {
        ask(&mut client, line);
    }
}

#[test]
fn the_line_end_of_telnet_is_no_part_of_the_line() {
    let (_server, address) = server(&[]);
    let mut client = peer::connect(address);
    peer::write(&mut client, "hello\r\na\rb\r\n");
    assert_eq!(peer::read_line(&mut client), "OK... hello\n");
    assert_eq!(peer::read_line(&mut client), "OK... a\rb\n");
}

#[test]
fn a_last_line_without_an_end_is_answered_too() {
    let (_server, address) = server(&[]);
    let mut client = peer::connect(address);
    peer::write(&mut client, "first\nlast");
    client.shutdown(std::net::Shutdown::Write).expect("a FIN");
    let answers = peer::read_to_end(&mut client);
    assert_eq!(answers, b"OK... first\nOK... last\n");
}

#[test]
fn the_longest_line_is_answered_and_one_byte_more_is_too_long() {
    let (_server, address) = server(&[]);
    ask(&mut peer::connect(address), &"x".repeat(4095)); // with its end 4096 bytes
    let mut client = peer::connect(address);
    peer::write(&mut client, "x".repeat(4096) + "\n");
    let answer = peer::read_line(&mut client);
    assert_eq!(answer, "error: this line is too long\n");
}

#[test]
fn one_client_after_another_is_served() {
    let (_server, address) = server(&[]);
    for name in ["first", "second", "third"] {
        ask(&mut peer::connect(address), name);
    }
}

#[test]
fn the_second_client_waits_until_the_first_has_left() {
    let (mut server, address) = server(&[]);
    let mut first = peer::connect(address);
    ask(&mut first, "I am the first");
    // connect succeeds: the kernel does that, and keeps what this client says.
    let mut second = peer::connect(address);
    peer::write(&mut second, "and I wait\n");
    ask(&mut first, "still here");
    server.line("is served");
    let printed = String::from_utf8(server.printed()).expect("UTF-8");
    assert_eq!(printed.matches("is served").count(), 1, "{printed}");
    drop(first);
    assert_eq!(peer::read_line(&mut second), "OK... and I wait\n");
    server.line("has left after");
}

#[test]
fn help_says_what_it_does_with_an_example() {
    let ended = Program::of("forever-loop").args(["--help"]).run();
    ended.code(0);
    assert!(
        ended.stdout.contains("example: cargo run -p forever-loop"),
        "{ended:?}"
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_though_a_client_neither_reads_nor_closes() {
    use std::io::Write;
    let (server, address) = server(&[]);
    let mut stuck = peer::connect(address);
    stuck
        .set_write_timeout(Some(Duration::from_millis(200)))
        .expect("a timeout");
    let lines = ("x".repeat(99) + "\n").repeat(100);
    while stuck.write_all(lines.as_bytes()).is_ok() {}
    let start = std::time::Instant::now();
    server.interrupt();
    server.ends().code(0);
    let took = start.elapsed();
    assert!(took < tests::ANSWER, "{took:?}"); // and not when its patience of 30 s is over
    drop(stuck);
}
