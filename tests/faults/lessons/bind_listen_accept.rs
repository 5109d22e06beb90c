//! Lesson 05: the first server and its client, and the two who talk in turn.

use std::io::Write;
use std::net::{Shutdown, TcpStream};
use std::thread;

use tests::{ANSWER, Program, Running, peer};

use crate::row::{Client, Crowd, Lost, Row, Server, Up, client, line, server};

const WRONG: &[(&str, &str)] = &[
    ("--timeout=0", "`0` does not fit --timeout"),
    ("--timeout soon", "`soon` does not fit --timeout"),
];

const RESTART: &str = "it_restarts_at_once_on_the_same_port";
const RESET: &str = "a_reset_in_the_middle_ends_that_connection_only";
const UNREAD: &str = "unread_input_does_not_cost_the_last_answer";
const PIECES: &str = "pieces_are_put_together";
const NOT_TEXT: &str = "bytes_that_are_not_text_are_no_panic";

/// What later lessons teach.
const ABORTED: (&str, &str) = ("an_aborted_accept_is_survived", "lesson 06");
const DESCRIPTORS: (&str, &str) =
    ("without_descriptors_it_waits_and_recovers", "lesson 07");
const UNREAD_OUTPUT: (&str, &str) = (
    "an_output_that_nobody_reads_stops_nobody",
    "one client: its words wait for a reader",
);
const QUEUE: (&str, &str) = ("ctrl_c_ends_it_well_for_clients_in_the_queue", "lesson 06");
const AT_THE_END: (&str, &str) = (
    "a_client_that_comes_at_the_end_is_refused_and_not_kept_waiting",
    "lesson 17",
);
const ENDLESS: (&str, &str) = ("an_endless_message_is_refused", "lesson 06");

pub fn rows() -> Vec<Row> {
    let first_server = Server {
        default: "127.0.0.1:8888",
        patience: "--timeout",
        crowd: Crowd::One,
        asks: |word| (word.into(), b"Hello, client!\n".into()),
        one_recv_is_a_message: true,
        lost: Lost::Printed(""),
        closes_at: || (vec![b'x'; 1_000_000], "Hello, client!\n"),
        ..Server::default()
    };
    let talk = Server {
        asks: |word| (line(word), b"here I am\n".into()),
        at_the_keyboard: Some(|word| (format!("them: {word}"), "here I am\n".into())),
        one_recv_is_a_message: false,
        bears_a_drip: false, // its timeout is for each recv: lesson 09
        ..first_server.clone()
    };
    let first_client = Client {
        script: &[("Hello, server!\n", "Hello, client!\n")],
        prints: "it says: \"Hello, client!\\n\"\n",
        closed: "it closed and said nothing",
        ..Client::default()
    };
    let talk_client = Client {
        typed: "hello\n",
        script: &[("hello\n", "yes\n")],
        prints: "them: yes\nyou:  \nYou hung up.\n",
        ..first_client.clone()
    };
    vec![
        server("bind-listen-accept", first_server)
            .wrong(WRONG)
            .not("pieces_are_put_together", "one recv is the message")
            .not(ABORTED.0, ABORTED.1)
            .not(QUEUE.0, QUEUE.1)
            .not(AT_THE_END.0, AT_THE_END.1)
            .not(DESCRIPTORS.0, DESCRIPTORS.1)
            .not(UNREAD_OUTPUT.0, UNREAD_OUTPUT.1)
            .shown("bind-listen-accept-1", RESTART, "AddrInUse")
            .cured("bind-listen-accept-2", RESTART)
            .shown("bind-listen-accept-2", RESET, "ConnectionReset")
            .cured("bind-listen-accept-3", RESET)
            .shown("bind-listen-accept-4", UNREAD, "Connection reset by peer")
            .cured("bind-listen-accept-5", UNREAD)
            .own(
                "a_peer_that_does_not_read_stops_nobody_else",
                bla_is_not_read,
            )
            .own("an_endless_message_is_refused", bla_endless)
            .own("bytes_that_are_not_text_are_no_panic", bla_not_text),
        server("talk", talk)
            .wrong(WRONG)
            .not(ABORTED.0, ABORTED.1)
            .not(QUEUE.0, QUEUE.1)
            .not(AT_THE_END.0, AT_THE_END.1)
            .not(DESCRIPTORS.0, DESCRIPTORS.1)
            .not(UNREAD_OUTPUT.0, UNREAD_OUTPUT.1)
            .not(ENDLESS.0, ENDLESS.1)
            .shown("talk-1", PIECES, "never printed")
            .cured("talk-2", PIECES)
            .shown("talk-2", NOT_TEXT, "never printed")
            .cured("talk-3", NOT_TEXT)
            .shown("talk-3", RESET, "ConnectionReset")
            .own(
                "a_peer_that_does_not_read_stops_nobody_else",
                talk_is_not_read,
            )
            .own("unread_input_does_not_cost_the_last_answer", talk_unread)
            .own("the_end_in_the_middle_of_a_message_is_told", talk_half)
            .own("bytes_that_are_not_text_are_no_panic", talk_not_text)
            .own("a_peer_that_closed_ends_that_connection_only", talk_closed)
            .own(
                "a_reset_in_the_middle_ends_that_connection_only",
                talk_reset,
            ),
        client("bind-listen-accept-client", first_client)
            .wrong(WRONG)
            .not(ENDLESS.0, ENDLESS.1)
            .own("a_peer_that_vanished_is_given_up", client_in_silence)
            .shown(
                "bind-listen-accept-client-1",
                PIECES,
                "the server ends | the client reads",
            )
            .cured("bind-listen-accept-client-2", PIECES)
            .own("the_end_in_the_middle_of_a_message_is_told", client_half),
        client("talk-client", talk_client)
            .wrong(WRONG)
            .not(ENDLESS.0, ENDLESS.1)
            .own("a_peer_that_vanished_is_given_up", client_in_silence)
            .shown("talk-client-1", PIECES, "never printed")
            .own("pieces_are_put_together", caller_pieces)
            .own(
                "a_peer_that_closed_ends_that_connection_only",
                caller_closed,
            )
            .own("a_half_closed_peer_gets_its_answer", caller_half_closed)
            .own("unread_input_does_not_cost_the_last_answer", caller_unread)
            .own("the_end_in_the_middle_of_a_message_is_told", caller_half)
            .own("bytes_that_are_not_text_are_no_panic", caller_not_text),
    ]
}

fn up(row: &Row) -> Up<'_> {
    let server = row.as_server();
    row.up(server, &[])
}

/// The answer waits in the client's kernel; the server does not wait for ever.
fn bla_is_not_read(row: &Row) {
    let up = up(row);
    let mut client = up.client();
    peer::write(&mut client, "hello");
    up.running.ends_within(ANSWER).code(0);
    assert_eq!(peer::read_to_end(&mut client), b"Hello, client!\n");
}

/// It takes one recv, reads a second of the rest away, and goes.
fn bla_endless(row: &Row) {
    let up = up(row);
    let mut client = up.client();
    let flood = thread::spawn(move || while client.write_all(&[b'x'; 65_536]).is_ok() {});
    up.running.ends_within(ANSWER).code(0);
    flood.join().expect("the server has closed");
}

fn bla_not_text(row: &Row) {
    for (bytes, told) in [
        (
            &b"\xff\xf4\xff\xfd\x06"[..],
            r#"it says: b"\xff\xf4\xff\xfd\x06""#,
        ),
        (b"caf\xc3", r#"it says: b"caf\xc3""#),
        (b"\x1b[2J\0\r\n", r#"it says: "\u{1b}[2J\0\r\n""#),
        ("grüß dich".as_bytes(), "it says: \"grüß dich\""),
    ] {
        let mut up = up(row);
        let mut client = up.client();
        peer::write(&mut client, bytes);
        up.running.line(told);
        assert_eq!(peer::read_to_end(&mut client), b"Hello, client!\n");
    }
}

/// The server, and a caller of whom a line is shown.
fn heard(row: &Row) -> (Up<'_>, TcpStream) {
    let mut up = up(row);
    let mut caller = up.client();
    peer::write(&mut caller, "hello\n");
    up.running.line("them: hello");
    (up, caller)
}

fn talk_is_not_read(row: &Row) {
    let (mut up, mut caller) = heard(row);
    up.running.types("I hear you\n");
    up.running.close_keyboard();
    peer::write(&mut caller, "do you?\n");
    up.running.ends_within(ANSWER).code(0);
    assert_eq!(peer::read_to_end(&mut caller), b"I hear you\n");
}

/// Without a word, and while it is our turn: we type, and then we hear of it.
fn talk_closed(row: &Row) {
    let up = up(row);
    drop(up.client());
    up.serves("are you there?");
    let (mut up, caller) = heard(row);
    drop(caller);
    up.running.types("are you there?\n");
    up.running.line("They hung up.");
    up.running.ends().code(0);
}

/// Before the first line, and in the middle of the talk, while it is our turn.
fn talk_reset(row: &Row) {
    let up = up(row);
    peer::reset(up.client());
    up.serves("are you there?");
    let (mut up, caller) = heard(row);
    peer::reset(caller);
    up.running.types("yes\n");
    up.running.line("next caller, please");
    up.serves("are you there?");
}

fn talk_unread(row: &Row) {
    let (mut up, mut caller) = heard(row);
    // Far more than the reader takes at once, and the keyboard ends after a line.
    peer::write(&mut caller, "and?\n".repeat(20_000));
    up.running.types("goodbye\n");
    up.running.close_keyboard();
    assert_eq!(peer::read_to_end(&mut caller), b"goodbye\n");
    drop(caller);
    up.running.ends().code(0);
}

fn talk_half(row: &Row) {
    let mut up = up(row);
    let mut caller = up.client();
    peer::write(&mut caller, "hel");
    drop(caller);
    up.running.line("them: hel (the line has no end)");
}

fn talk_not_text(row: &Row) {
    let mut up = up(row);
    let mut caller = up.client();
    peer::write(&mut caller, b"\xff\xf4\xff\xfd\x06\x1b[2J caf\xc3\r\n");
    let shown = "them: \u{fffd}\u{fffd}\u{fffd}\u{fffd}??[2J caf\u{fffd}";
    up.running.line(shown);
    // A character that arrives in two pieces is one character.
    up.running.types("yes\n");
    assert_eq!(peer::read_line(&mut caller), "yes\n");
    peer::write_slowly(&mut caller, "é\n").expect("it is open");
    up.running.line("them: é");
}

fn client_half(row: &Row) {
    let (address, server) = peer::serve_one(|mut stream| {
        peer::read_line(&mut stream);
        peer::write(&mut stream, "Hello, cli");
    });
    let ended = row.program(address, &[]).run();
    server.join().expect("the server ends");
    ended.code(0);
    let line = "it says: \"Hello, cli\" (the line has no end)\n";
    assert!(ended.stdout.ends_with(line), "{ended:?}");
}

/// The client, and the stream on which it has said hello.
fn on_the_line(row: &Row) -> (Running, TcpStream) {
    let (listener, address) = peer::listener();
    let program: Program = row.program(address, &[]);
    let mut running = program.start();
    let (stream, _) = listener.accept().expect("the client");
    let mut stream = peer::with_deadlines(stream);
    running.types("hello\n");
    assert_eq!(peer::read_line(&mut stream), "hello\n");
    (running, stream)
}

/// A byte now and then is the matter of lesson 09.
fn client_in_silence(row: &Row) {
    let (_listener, address) = peer::listener();
    let mut running = row.program(address, &["--timeout", "0.3"]).start();
    running.types("hello\n");
    let ended = running.ends();
    ended
        .code(1)
        .complained("nothing happened in time (EAGAIN)");
}

fn caller_pieces(row: &Row) {
    let (mut running, mut stream) = on_the_line(row);
    peer::write_slowly(&mut stream, "yes, é\n").expect("it is open");
    running.line("them: yes, é");
    // Two lines in one packet: the second waits for its turn.
    running.types("how are you?\n");
    peer::write(&mut stream, "well\nand you?\n");
    running.line("them: well");
    running.types("well, too\n");
    running.line("them: and you?");
}

fn caller_closed(row: &Row) {
    let (mut running, stream) = on_the_line(row);
    drop(stream);
    running.types("are you there?\n");
    running.line("They hung up.");
    running.ends().code(0);
}

fn caller_half_closed(row: &Row) {
    let (mut running, mut stream) = on_the_line(row);
    peer::write(&mut stream, "yes\n");
    stream.shutdown(Shutdown::Write).expect("it is open");
    running.line("them: yes");
    running.types("and now?\n");
    assert_eq!(peer::read_to_end(&mut stream), b"and now?\n");
    drop(stream);
    running.line("They hung up.");
    running.ends().code(0);
}

fn caller_unread(row: &Row) {
    let (listener, address) = peer::listener();
    let mut running = row.program(address, &[]).start();
    let (stream, _) = listener.accept().expect("the client");
    let mut stream = peer::with_deadlines(stream);
    peer::write(&mut stream, vec![b'\n'; 100_000]);
    running.types("the last word");
    running.close_keyboard();
    running.line("them: ");
    assert_eq!(peer::read_to_end(&mut stream), b"the last word\n");
    drop(stream);
    running.ends().code(0);
}

fn caller_half(row: &Row) {
    let (mut running, mut stream) = on_the_line(row);
    peer::write(&mut stream, "hel");
    drop(stream);
    running.line("them: hel (the line has no end)");
}

fn caller_not_text(row: &Row) {
    let (mut running, mut stream) = on_the_line(row);
    peer::write(&mut stream, b"\xff\x1b[2J\n");
    running.line("them: \u{fffd}?[2J");
    running.types(b"\xff\n");
    assert_eq!(peer::read_bytes(&mut stream, 2), b"\xff\n");
}
