//! What TCP clients meet: servers that are slow, break off, say nothing, or are not there.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc;
use std::time::Duration;

use nix::sys::signal::Signal::{SIGINT, SIGTERM};
use tests::{ANSWER, Ended, Program, Running, no_way, peer};

use crate::means::joined;
use crate::row::{Client, Row};

/// Reads until what was read ends so.
fn hears(stream: &mut TcpStream, end: &str) {
    let mut heard = Vec::new();
    while !heard.ends_with(end.as_bytes()) {
        let mut byte = [0];
        let count = stream.read(&mut byte).expect("the client says it");
        assert_eq!(count, 1, "it has closed after {heard:?}, before {end:?}");
        heard.push(byte[0]);
    }
}

/// Behaves as the script says up to the answer of this number, which is left out.
fn plays(client: &Client, stream: &mut TcpStream, up_to: usize) {
    for (said, answer) in &client.script[..up_to] {
        hears(stream, said);
        peer::write(stream, answer);
    }
    if let Some((said, _)) = client.script.get(up_to) {
        hears(stream, said);
    }
}

/// The number of the last answer, and the answer.
fn last(client: &Client) -> (usize, &'static str) {
    let script = client.script.iter().enumerate().rev();
    let mut answers = script.filter(|(_, (_, answer))| !answer.is_empty());
    let (number, (_, answer)) = answers.next().expect("an answer");
    (number, answer)
}

/// The client, started for an address with a short timeout, and typed to.
fn start(row: &Row, client: &Client, address: String, timeout: &str) -> Running {
    let mut running = row.program(address, &[client.timeout, timeout]).start();
    running.types(client.typed);
    running.close_keyboard();
    running
}

/// What becomes of the client when the server does this to it.
fn at<T: Send + 'static>(
    row: &Row,
    client: &Client,
    serve: impl FnOnce(TcpStream) -> T + Send + 'static,
) -> Ended {
    patient_at(row, client, "0.5", serve)
}

/// The same, of a client that waits so many seconds for an answer.
fn patient_at<T: Send + 'static>(
    row: &Row,
    client: &Client,
    timeout: &str,
    serve: impl FnOnce(TcpStream) -> T + Send + 'static,
) -> Ended {
    let (address, server) = peer::serve_one(serve);
    let ended = start(row, client, address.to_string(), timeout).ends();
    joined(server);
    assert!(!ended.stderr.contains("panicked"), "{ended:?}");
    ended
}

fn all_went_well(ended: &Ended, client: &Client) {
    ended.code(0);
    assert!(ended.stdout.ends_with(client.prints), "{ended:?}");
    assert_eq!(ended.stderr, "");
}

pub fn pieces_are_put_together(row: &Row, client: &Client) {
    let script = client.script;
    let ended = patient_at(row, client, "5", move |mut stream| {
        for (said, answer) in script {
            hears(&mut stream, said);
            peer::write_slowly(&mut stream, answer).expect("the client reads");
        }
    });
    all_went_well(&ended, client);
    // All answers at once, before they are asked for: what comes after a message is kept.
    let ended = patient_at(row, client, "5", move |mut stream| {
        let all: String = script.iter().map(|(_, answer)| *answer).collect();
        peer::write(&mut stream, all);
        script.iter().for_each(|(said, _)| hears(&mut stream, said));
    });
    all_went_well(&ended, client);
}

pub fn an_interrupted_call_is_made_again(row: &Row, client: &Client) {
    let (number, _) = last(client);
    let (waits, has_asked) = mpsc::channel();
    let (go, may_go) = mpsc::channel();
    let server_side = client.clone();
    let (address, server) = peer::serve_one(move |mut stream| {
        plays(&server_side, &mut stream, number);
        waits.send(()).expect("the test waits");
        may_go.recv().expect("the test goes on");
        for (index, (said, answer)) in server_side.script[number..].iter().enumerate() {
            if index > 0 {
                hears(&mut stream, said);
            }
            peer::write(&mut stream, answer);
        }
    });
    let running = start(row, client, address.to_string(), "10");
    has_asked.recv_timeout(ANSWER).expect("the client asks");
    running.interrupt_its_call();
    go.send(()).expect("the server waits");
    all_went_well(&running.ends(), client);
    joined(server);
}

pub fn a_peer_that_closed_ends_that_connection_only(row: &Row, client: &Client) {
    for number in 0..=last(client).0 {
        let server_side = client.clone();
        let ended = at(row, client, move |mut stream| {
            plays(&server_side, &mut stream, number);
        });
        ended.code(1).complained(client.closed);
    }
    // It closed, and takes nothing more: EPIPE where the client is quick to write.
    let server_side = client.clone();
    let ended = at(row, client, move |mut stream| {
        plays(&server_side, &mut stream, last(&server_side).0);
        peer::reset(stream);
    });
    let broken = ["ECONNRESET", "EPIPE"];
    ended.code(1).complained("(E");
    let told = broken.iter().any(|errno| ended.stderr.contains(errno));
    assert!(told, "{ended:?}");
}

/// Half of the last answer arrives.
fn half_of_the_last_answer(client: &Client, stream: &mut TcpStream) {
    let (number, answer) = last(client);
    plays(client, stream, number);
    peer::write(stream, &answer.as_bytes()[..answer.len() / 2]);
}

pub fn a_reset_in_the_middle_ends_that_connection_only(row: &Row, client: &Client) {
    let server_side = client.clone();
    let ended = at(row, client, move |mut stream| {
        half_of_the_last_answer(&server_side, &mut stream);
        peer::reset(stream);
    });
    let told = "connection reset by the peer (ECONNRESET)";
    ended.code(1).complained(told);
}

pub fn the_end_in_the_middle_of_a_message_is_told(row: &Row, client: &Client) {
    let server_side = client.clone();
    let ended = at(row, client, move |mut stream| {
        half_of_the_last_answer(&server_side, &mut stream);
        stream.shutdown(Shutdown::Write).expect("it is open");
        peer::read_to_end(&mut stream);
    });
    ended.code(1).complained(client.half);
}

pub fn an_endless_message_is_refused(row: &Row, client: &Client) {
    let server_side = client.clone();
    let ended = at(row, client, move |mut stream| {
        plays(&server_side, &mut stream, last(&server_side).0);
        let piece = [b'x'; 64 * 1024];
        // 10 MB at most; an error says that the client wants no more.
        let all = (0..160).all(|_| stream.write_all(&piece).is_ok());
        assert!(!all, "the client takes a message without an end");
    });
    ended.code(1).complained(client.endless);
}

pub fn bytes_that_are_not_text_are_no_panic(row: &Row, client: &Client) {
    let server_side = client.clone();
    let ended = at(row, client, move |mut stream| {
        let script = server_side.script;
        let (number, answer) = last(&server_side);
        for (index, (said, answer_of)) in script.iter().enumerate() {
            hears(&mut stream, said);
            if index == number {
                // Half an é, NUL, what telnet sends for Ctrl+C, what clears a screen.
                let noise = b"\xff\xf4\xff\xfd\x06 \xc3 \0 \x1b[2J \x07";
                let end = &answer.as_bytes()[answer.len() - 1..];
                peer::write(&mut stream, [noise, end].concat());
            } else {
                peer::write(&mut stream, answer_of);
            }
        }
    });
    let steers = |sign: char| sign.is_control() && sign != '\n';
    assert!(
        !ended.stdout.contains(steers),
        "it steers a terminal: {ended:?}"
    );
    assert!(matches!(ended.code, Some(0 | 1)), "{ended:?}");
}

/// The client for an address, as the functions of `no_way` start it.
fn soon_done(row: &Row, client: &Client) -> impl Fn(String) -> Program {
    move |address| row.program(address, &[client.timeout, "0.3"])
}

pub fn a_dead_port_is_told(row: &Row, _: &Client) {
    no_way::closed_port(|address| row.program(address, &[]));
}

pub fn a_full_queue_is_told_after_the_timeout(row: &Row, client: &Client) {
    no_way::full_queue(soon_done(row, client));
}

pub fn unreachable_places_are_told_apart(row: &Row, _: &Client) {
    no_way::unreachable(|address| row.program(address, &[]));
}

pub fn a_connection_to_itself_is_refused(row: &Row, _: &Client) {
    no_way::to_itself(|address| row.program(address, &[]));
}

pub fn a_scoped_address_is_understood(row: &Row, _: &Client) {
    no_way::scoped(|address| row.program(address, &[]));
}

pub fn ctrl_c_and_sigterm_end_it_cleanly(row: &Row, client: &Client) {
    for signal in [SIGINT, SIGTERM] {
        let (waits, has_asked) = mpsc::channel();
        let server_side = client.clone();
        let (address, server) = peer::serve_one(move |mut stream| {
            plays(&server_side, &mut stream, last(&server_side).0);
            waits.send(()).expect("the test waits");
            peer::read_to_end(&mut stream)
        });
        let running = start(row, client, address.to_string(), "10");
        has_asked.recv_timeout(ANSWER).expect("the client asks");
        running.signal(signal);
        running.ends_within(Duration::from_secs(1)).code(0);
        assert_eq!(joined(server), b"");
    }
}
