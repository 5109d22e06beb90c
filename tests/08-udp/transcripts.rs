//! The pictures of chapter 08.

use std::net::UdpSocket;

use tests::{Program, Terminal, Transcript, tool};

use crate::{address_of, client, dead_port, receive, serve, server, socket};

const SERVER: &str = "cargo run -p udp";
const CLIENT: &str = "cargo run -p udp --bin udp-client -- 127.0.0.1:9000";

fn picture(name: &str) -> Transcript {
    Transcript::new("08-udp", name)
}

/// The server in a terminal of its own, on port 9000 as the reader sees it.
fn starts_the_server(
    transcript: &Transcript,
    program: Program,
) -> (Terminal, std::net::SocketAddr) {
    let mut terminal = transcript.start("server", SERVER, program);
    let address = terminal.listens(9000);
    terminal.prints("try: ");
    (terminal, address)
}

/// A client that is ready for what is typed.
fn starts_a_client(transcript: &Transcript, label: &str, program: Program) -> Terminal {
    let mut terminal = transcript.start(label, CLIENT, program);
    terminal.prints("Ctrl+D ends");
    terminal
}

#[test]
fn the_run_with_the_practice_server() {
    let transcript = picture("practice");
    let shown = "cargo run -p udp --bin udp-client";
    let mut terminal = transcript.start("", shown, Program::of("udp-client"));
    terminal.prints("Ctrl+D ends");
    for (line, answer) in [("one", "ONE"), ("two", "TWO"), ("three", "THREE")] {
        terminal.types(line);
        terminal.prints(answer);
    }
    terminal.presses_ctrl_d();
    terminal.ends(0);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn the_run_with_a_server_and_two_clients() {
    let transcript = picture("two-clients");
    // On a loopback address of its own: when the server has ended, no other test takes
    // its port while the client still asks.
    transcript.mask("127.0.8.4", "127.0.0.1");
    let program = Program::of("udp").args(["127.0.8.4:0"]);
    let (mut server, address) = starts_the_server(&transcript, program);
    let mut anna = starts_a_client(&transcript, "anna", client(address));
    let mut ben = starts_a_client(&transcript, "ben", client(address));
    for (client, line, answer, told) in [
        (
            &mut anna,
            "hello from anna",
            "HELLO FROM ANNA",
            "sent 15 bytes",
        ),
        (&mut ben, "and from ben", "AND FROM BEN", "sent 12 bytes"),
    ] {
        client.types(line);
        client.prints(answer);
        server.prints(told);
    }
    // An empty line, and an empty datagram. What it prints is the empty line.
    anna.types("");
    anna.prints("");
    server.prints("sent 0 bytes");
    anna.presses_ctrl_d();
    anna.ends(0);
    server.presses_ctrl_c();
    server.ends(0);
    ben.types("are you there?");
    ben.ends(1);
    transcript.check();
}

#[test]
fn the_run_with_netcat() {
    let netcat = tool!("nc.openbsd");
    let transcript = picture("netcat");
    let (mut server, address) = starts_the_server(&transcript, server());
    let port = address.port().to_string();
    let program = Program::at(netcat).args(["-u", "127.0.0.1", &port]);
    let mut nc = transcript.start("nc", "nc -u 127.0.0.1 9000", program);
    nc.types("hello");
    nc.prints("HELLO");
    server.prints("sent 6 bytes");
    transcript.check();
}

#[test]
fn the_run_where_nobody_listens() {
    let transcript = picture("refused");
    let address = dead_port();
    transcript.port(address.port(), 9000);
    let mut terminal = starts_a_client(&transcript, "", client(address));
    terminal.types("hello");
    terminal.ends(1);
    transcript.check();
}

#[test]
fn the_run_where_nobody_answers() {
    let silent = socket();
    let transcript = picture("timed-out");
    transcript.port(address_of(&silent).port(), 9000);
    let mut terminal = starts_a_client(&transcript, "", client(address_of(&silent)));
    terminal.types("hello");
    terminal.ends(1);
    transcript.check();
}

#[test]
fn the_run_where_an_answer_comes_too_late() {
    let (address, server) = serve(|socket: UdpSocket| {
        // The first answer is slow: the client asks again before it comes, twice then.
        let (first, sender) = receive(&socket);
        let (again, _) = receive(&socket);
        assert_eq!(first, again);
        for answer in [&first, &again] {
            socket
                .send_to(&answer.to_ascii_uppercase(), sender)
                .expect("it is sent");
        }
        socket
    });
    let transcript = picture("late");
    transcript.port(address.port(), 9000);
    let mut terminal = starts_a_client(&transcript, "", client(address));
    terminal.types("one");
    terminal.prints("ONE");
    let socket = server.join().expect("both answers are under way");
    terminal.types("two");
    let (two, sender) = receive(&socket);
    socket
        .send_to(&two.to_ascii_uppercase(), sender)
        .expect("it is sent");
    terminal.prints("TWO");
    terminal.presses_ctrl_d();
    terminal.ends(0);
    transcript.check();
}

#[test]
fn the_run_with_too_small_a_buffer() {
    let transcript = picture("cut-off");
    let shown = "cargo run -p udp --bin udp-client -- --buffer 4";
    let program = Program::of("udp-client").args(["--buffer", "4"]);
    let mut terminal = transcript.start("", shown, program);
    terminal.prints("Ctrl+D ends");
    terminal.types("hello");
    terminal.prints("[cut off");
    terminal.types("next");
    terminal.prints("NEXT");
    terminal.presses_ctrl_d();
    terminal.ends(0);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn the_run_with_too_long_a_line() {
    let transcript = picture("too-long");
    let shown = "head -c 65508 /dev/zero | cargo run -p udp --bin udp-client";
    let mut terminal = transcript.start("", shown, Program::of("udp-client"));
    terminal.program().types(vec![0; 65_508]);
    terminal.closes_keyboard();
    terminal.ends(1);
    transcript.check();
}

#[test]
fn the_run_where_the_port_is_in_use() {
    let holder = socket();
    let transcript = picture("port-in-use");
    transcript.port(address_of(&holder).port(), 9000);
    let program = Program::of("udp").args([address_of(&holder).to_string()]);
    transcript.of_one(SERVER, program, 1);
}

#[test]
fn the_run_with_a_wrong_argument() {
    let shown = "cargo run -p udp --bin udp-client -- --tries 0";
    let program = Program::of("udp-client").args(["--tries", "0"]);
    picture("tries-0").of_one(shown, program, 2);
}

#[cfg(target_os = "linux")]
#[test]
fn the_run_of_tcp_and_udp_side_by_side() {
    let transcript = picture("tcp-and-udp");
    // How much is lost depends on the machine. That some is lost and some arrives does not.
    transcript.mask(
        "UDP: [1-9][0-9]{3,5} of 5000000 bytes",
        "UDP: 92000 of 5000000 bytes",
    );
    let shown = "cargo run -p udp --bin tcp-and-udp";
    transcript.of_one(shown, Program::of("tcp-and-udp"), 0);
}
