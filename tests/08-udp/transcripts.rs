//! The pictures of chapter 08.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::thread;
use std::time::Duration;

use tests::{Program, Terminal, Transcript, tool};

use crate::{address_of, client, dead_port, receive, serve, socket};

const SERVER: &str = "cargo run -p udp";
const CLIENT: &str = "cargo run -p udp --bin udp-client -- 127.0.0.1:9000";

fn picture(name: &str) -> Transcript {
    Transcript::new("08-udp", name)
}

/// The server in a terminal of its own, on port 9000 as the reader sees it.
fn starts_the_server(
    transcript: &Transcript,
    program: Program,
) -> (Terminal, SocketAddr) {
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

/// A step of the server's ladder, on port 9000 as the reader sees it.
fn starts_a_step(transcript: &Transcript, name: &str) -> (Terminal, SocketAddr) {
    let shown = format!("cargo run -p udp --bin {name}");
    let program = Program::of(name).args(["127.0.0.1:0"]);
    let mut terminal = transcript.start("server", &shown, program);
    let address = terminal.listens(9000);
    (terminal, address)
}

#[test]
fn the_first_step_answers_netcat() {
    let netcat = tool!("nc.openbsd");
    let transcript = picture("step-1");
    let (mut server, address) = starts_a_step(&transcript, "udp-1");
    let port = address.port().to_string();
    let program = Program::at(netcat).args(["-u", "127.0.0.1", &port]);
    let mut nc = transcript.start("nc", "nc -u 127.0.0.1 9000", program);
    nc.types("hello");
    nc.prints("HELLO\n");
    server.prints("sent 6 bytes\n");
    transcript.check();
}

/// Sends 2000 bytes to a step, and counts the bytes of its answer.
fn two_thousand_bytes(picture_name: &str, name: &str, come_back: &str) {
    let (Some(netcat), Some(bash)) =
        (tests::find_tool("nc.openbsd"), tests::find_tool("bash"))
    else {
        return;
    };
    let transcript = picture(picture_name);
    let (mut server, address) = starts_a_step(&transcript, name);
    let pipe = |nc: &str, port: u16| {
        format!("printf '%02000d' 0 | {nc} -u -w 1 127.0.0.1 {port} | wc -c")
    };
    let real = pipe(&netcat.display().to_string(), address.port());
    let program = Program::at(bash).args(["-c", &real]);
    let mut client = transcript.start("client", &pipe("nc", 9000), program);
    client.prints(&format!("{come_back}\n"));
    client.ends(0);
    server.prints(&format!("sent {come_back} bytes\n"));
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn the_first_step_cuts_a_long_datagram_off() {
    two_thousand_bytes("udp-1-2000", "udp-1", "1024");
}

#[cfg(target_os = "linux")]
#[test]
fn the_second_step_has_room_for_it() {
    two_thousand_bytes("udp-2-2000", "udp-2", "2000");
}

/// One of the lesson's servers in Python. It keeps its port 9000, on a loopback address of
/// this process's own, shown as 127.0.0.1.
fn python(
    transcript: &Transcript,
    server: &str,
    number: u8,
) -> Option<(Terminal, SocketAddr)> {
    let python3 = tests::find_tool("python3")?;
    let file = format!("lessons/08-udp/peers/{server}.py");
    let program = std::fs::read_to_string(tests::root().join(&file)).expect("a program");
    let process = std::process::id() % 60_000;
    let network = [127, 1 + (process / 250) as u8, 1 + (process % 250) as u8];
    let last = number + if server == "slow" { 100 } else { 200 };
    let host = Ipv4Addr::new(network[0], network[1], network[2], last);
    let program = program.replace("127.0.0.1", &host.to_string());
    transcript.mask(&host.to_string().replace('.', r"\."), "127.0.0.1");
    let program = Program::at(python3).args(["-c", &program]);
    let running = transcript.start("server", &format!("python3 {file}"), program);
    Some((running, SocketAddr::from((host, 9000))))
}

/// A step of the client's ladder.
fn client_step(transcript: &Transcript, number: u8, server: SocketAddr) -> Terminal {
    let name = format!("udp-client-{number}");
    let shown = format!("cargo run -p udp --bin {name}");
    let program = Program::of(&name).args([server.to_string()]);
    transcript.start("client", &shown, program)
}

/// What is typed, and what is printed then, to a step of the client, with this server.
fn talk(name: &str, number: u8, with: &str, lines: &[(&str, &str)]) {
    let transcript = picture(name);
    let Some((mut server, address)) = python(&transcript, with, number) else {
        return;
    };
    server.prints("\n");
    let mut client = client_step(&transcript, number, address);
    for (typed, printed) in lines {
        client.types(typed);
        client.prints(printed);
    }
    client.presses_ctrl_d();
    client.ends(0);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn the_first_client_waits_for_ever_for_what_was_lost() {
    let transcript = picture("client-1-lossy");
    let Some((mut server, address)) = python(&transcript, "lossy", 1) else {
        return;
    };
    server.prints("is lost\n");
    let mut client = client_step(&transcript, 1, address);
    for (typed, printed) in [("one", "ONE\n"), ("two", "TWO\n")] {
        client.types(typed);
        client.prints(printed);
    }
    client.types("three");
    thread::sleep(Duration::from_millis(1500)); // so long we wait, in vain
    client.presses_ctrl_c();
    client.ends_by_signal();
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn the_second_client_waits_for_a_second() {
    let lost = "[no answer: Resource temporarily unavailable (os error 11)]\n";
    talk(
        "client-2-lossy",
        2,
        "lossy",
        &[
            ("one", "ONE\n"),
            ("two", "TWO\n"),
            ("three", lost),
            ("four", "FOUR\n"),
        ],
    );
}

#[cfg(target_os = "linux")]
#[test]
fn the_third_client_asks_again() {
    talk(
        "client-3-lossy",
        3,
        "lossy",
        &[("one", "ONE\n"), ("two", "TWO\n"), ("three", "THREE\n")],
    );
}

#[cfg(target_os = "linux")]
#[test]
fn the_third_client_takes_a_late_answer_for_the_next_one() {
    talk(
        "client-3-slow",
        3,
        "slow",
        &[("one", "ONE\n"), ("two", "ONE\n"), ("three", "TWO\n")],
    );
}

#[cfg(target_os = "linux")]
#[test]
fn the_fourth_client_knows_its_answer() {
    talk(
        "client-4-slow",
        4,
        "slow",
        &[("one", "ONE\n"), ("two", "TWO\n"), ("three", "THREE\n")],
    );
}

/// What a step of the client says where nobody listens.
fn nobody_listens(name: &str, number: u8, says: &str) {
    let transcript = picture(name);
    let address = dead_port();
    transcript.port(address.port(), 9000);
    let mut client = client_step(&transcript, number, address);
    client.types("hello");
    client.prints(says);
    client.presses_ctrl_d();
    client.ends(0);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn the_fourth_client_does_not_hear_that_nobody_listens() {
    nobody_listens("client-4-nobody", 4, "[no answer: timed out]\n");
}

#[cfg(target_os = "linux")]
#[test]
fn the_fifth_client_hears_that_nobody_listens() {
    nobody_listens(
        "client-5-nobody",
        5,
        "[no answer: Connection refused (os error 111)]\n",
    );
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
