//! Lesson 11: `chat` passes each line on to all the others, and `chat-client` hears its
//! keyboard and the server at once. Both are on select, which is Unix.
#![cfg(unix)]

mod facts;
mod load;
mod own_faults;
mod peers;
mod transcripts;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use tests::{Program, Running, peer};

const WELCOME: &str = "You're connected to the Rust chat server\r\n";
const FULL: &str = "error: this chat is full, try again later\r\n";
const TOO_LONG: &str = "error: a line may have 4096 bytes at most\r\n";

/// The server on a port that the kernel chose, and its address.
fn server(options: &[&str]) -> (Running, SocketAddr) {
    let all = ["127.0.0.1:0"].iter().chain(options);
    let mut server = Program::of("chat").args(all).start();
    let address = server.address();
    (server, address)
}

/// A client that has been welcomed, with its name.
#[track_caller]
fn joins(address: SocketAddr) -> (TcpStream, String) {
    let mut client = peer::connect(address);
    client.set_nodelay(true).expect("TCP_NODELAY");
    let name = client.local_addr().expect("its address").to_string();
    hears(&mut client, WELCOME);
    (client, name)
}

/// Two clients, and the first has heard of the second.
#[track_caller]
fn two(address: SocketAddr) -> [(TcpStream, String); 2] {
    let mut one = joins(address);
    let two = joins(address);
    hears(&mut one.0, format!("Client joined {}\r\n", two.1));
    [one, two]
}

/// Expects exactly these bytes next.
#[track_caller]
fn hears(client: &mut TcpStream, expected: impl AsRef<[u8]>) {
    let expected = expected.as_ref();
    let mut bytes = vec![0; expected.len()];
    let mut count = 0;
    while count < bytes.len() {
        match client.read(&mut bytes[count..]) {
            Ok(0) => break,
            Ok(more) => count += more,
            Err(error) => {
                let so_far = String::from_utf8_lossy(&bytes[..count]);
                panic!("{error}; so far: {so_far:?}");
            }
        }
    }
    let [heard, expected] = [&bytes[..count], expected].map(String::from_utf8_lossy);
    assert_eq!(heard, expected);
}

/// Sends the signal: every client sees the end, the server is gone within a second, and its
/// port is free at once.
fn ends_well(
    server: Running,
    signal: nix::sys::signal::Signal,
    address: SocketAddr,
    clients: &mut [TcpStream],
) {
    let start = Instant::now();
    server.signal(signal);
    for client in clients {
        peer::sees_the_end(client);
    }
    server.ends().code(0);
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
fn all_but_the_speaker_hear_of_joining_talking_and_leaving() {
    let (server, address) = server(&[]);
    let [(mut one, name_1), (mut two, name_2)] = two(address);
    let (mut three, name_3) = joins(address);
    for other in [&mut one, &mut two] {
        hears(other, format!("Client joined {name_3}\r\n"));
    }
    peer::write(&mut one, "Hello!\r\n");
    peer::write(&mut one, "It is me.\r\n");
    for other in [&mut two, &mut three] {
        hears(
            other,
            format!("[{name_1}] Hello!\r\n[{name_1}] It is me.\r\n"),
        );
    }
    peer::write(&mut two, "I see.\r\n");
    // What it said itself does not come back: this is the first that it hears.
    hears(&mut one, format!("[{name_2}] I see.\r\n"));
    hears(&mut three, format!("[{name_2}] I see.\r\n"));
    drop(three);
    for other in [&mut one, &mut two] {
        hears(other, format!("Client left {name_3}\r\n"));
    }
    // The server has printed the same.
    server.interrupt();
    let ended = server.ends();
    let said = [
        format!("Client joined {name_1}\nClient joined {name_2}\n"),
        format!("Client joined {name_3}\n[{name_1}] Hello!\n[{name_1}] It is me.\n"),
        format!("[{name_2}] I see.\nClient left {name_3}\n"),
    ];
    let end = "try: nc 127.0.0.1 ".to_string() + &address.port().to_string() + "\n";
    let printed = ended.stdout.split_once(&end).expect("its first lines").1;
    assert_eq!(printed, said.concat());
}

#[test]
fn a_message_arrives_byte_for_byte() {
    let (_server, address) = server(&[]);
    let [(mut one, name), (mut two, _)] = two(address);
    let all: Vec<u8> = (0..=255).filter(|byte| *byte != b'\n').collect();
    for text in [
        &b""[..],
        b" ",
        b"\t a  b \t",
        b"\rx\r",
        "é語".as_bytes(),
        &all,
    ] {
        for end in [&b"\n"[..], b"\r\n"] {
            peer::write(&mut one, [text, end].concat());
            // One \r before \n belongs to the end of the line.
            let text = match (end, text) {
                (b"\n", [start @ .., b'\r']) => start,
                _ => text,
            };
            hears(
                &mut two,
                [b"[", name.as_bytes(), b"] ", text, b"\r\n"].concat(),
            );
        }
    }
}

#[test]
fn lines_that_come_together_are_told_apart_and_pieces_are_kept() {
    let (_server, address) = server(&[]);
    let [(mut one, name), (mut two, name_2)] = two(address);
    peer::write(&mut one, "a\nb\r\n\nc");
    hears(
        &mut two,
        format!("[{name}] a\r\n[{name}] b\r\n[{name}] \r\n"),
    );
    // Another one's line comes between the pieces, and is not mixed with them.
    peer::write(&mut two, "me\n");
    hears(&mut one, format!("[{name_2}] me\r\n"));
    peer::write(&mut one, "d\n");
    hears(&mut two, format!("[{name}] cd\r\n"));
}

#[test]
fn a_last_line_without_an_end_is_passed_on_and_the_client_has_left() {
    let (_server, address) = server(&[]);
    let [(mut one, name), (mut two, _)] = two(address);
    peer::write(&mut one, "so long");
    one.shutdown(Shutdown::Write).expect("a FIN");
    hears(
        &mut two,
        format!("[{name}] so long\r\nClient left {name}\r\n"),
    );
    peer::sees_the_end(&mut one);
}

#[test]
fn a_line_of_4096_bytes_is_passed_on_and_one_more_is_refused() {
    let (mut server, address) = server(&[]);
    let [(mut one, name), (mut two, _)] = two(address);
    let longest = "x".repeat(4095);
    peer::write(&mut one, longest.clone() + "\n");
    hears(&mut two, format!("[{name}] {longest}\r\n"));
    peer::write(&mut one, longest + "x\n");
    hears(&mut one, TOO_LONG);
    peer::sees_the_end(&mut one);
    hears(&mut two, format!("Client left {name}\r\n"));
    server.line(&format!(
        "{name} is lost: a line may have 4096 bytes at most"
    ));
}

#[test]
fn ipv6_names_stand_in_their_own_brackets() {
    let mut server = Program::of("chat").args(["[::1]:0"]).start();
    let address = server.address();
    let [(mut one, name), (mut two, _)] = two(address);
    assert!(name.starts_with("[::1]:"), "{name}");
    peer::write(&mut one, "hi\n");
    hears(&mut two, format!("[{name}] hi\r\n"));
}

#[test]
fn a_client_too_many_is_sent_away_politely() {
    let (mut server, address) = server(&["--max-clients", "2"]);
    let [(mut one, _), (two, name_2)] = two(address);
    for _ in 0..3 {
        let mut third = peer::connect(address);
        peer::write(&mut third, "I am in a hurry\n");
        assert_eq!(peer::read_to_end(&mut third), FULL.as_bytes());
    }
    server.line("is sent away: the chat is full");
    drop(two);
    // Nobody has heard of those who were sent away.
    hears(&mut one, format!("Client left {name_2}\r\n"));
    joins(address);
}

#[test]
fn a_crowd_is_let_in_and_each_hears_of_all_who_come_after() {
    let (server, address) = server(&[]);
    server.stop();
    let mut clients: Vec<_> = (0..250).map(|_| peer::connect(address)).collect();
    let names: Vec<_> = clients.iter().map(|client| client.local_addr()).collect();
    server.go_on();
    for (number, client) in clients.iter_mut().enumerate() {
        hears(client, WELCOME);
        for name in &names[number + 1..] {
            let name = name.as_ref().expect("its address");
            hears(client, format!("Client joined {name}\r\n"));
        }
    }
}

#[test]
fn who_does_not_read_is_dropped_with_a_message_to_the_others() {
    let (mut server, address) = server(&[]);
    let (stuck, name) = joins(address);
    let (mut two, name_2) = joins(address);
    let (mut three, _) = joins(address);
    hears(
        &mut two,
        format!("Client joined {}\r\n", three.local_addr().unwrap()),
    );
    let line = format!("{}\n", "x".repeat(4000));
    let heard = format!("[{name_2}] {}\r\n", "x".repeat(4000));
    let mut buffer = vec![0; heard.len()];
    let left = format!("Client left {name}\r\n");
    for _ in 0..4_000 {
        peer::write(&mut two, &line);
        three
            .read_exact(&mut buffer[..left.len()])
            .expect("something");
        if buffer.starts_with(left.as_bytes()) {
            hears(&mut two, &left);
            hears(&mut three, &heard);
            server.line(&format!("{name} is lost: it does not read"));
            server.line(left.trim_end());
            drop(stuck);
            return;
        }
        // While it lasts, nobody else misses a byte.
        three
            .read_exact(&mut buffer[left.len()..])
            .expect("the rest");
        assert!(buffer == heard.as_bytes(), "not what was said");
    }
    panic!("16 MB were not enough");
}

#[test]
fn what_is_behind_is_sent_as_soon_as_the_client_reads_on() {
    // Between "the kernel takes no more" and "dropped": bytes wait in the queue.
    let (_server, address) = server(&[]);
    let [(mut one, name), (mut two, _)] = two(address);
    let line = format!("{}\n", "y".repeat(1000));
    let sent_by = |two: &TcpStream| {
        let port = two.local_addr().expect("its address").port();
        let rows = tests::kernel::tcp_sockets_on(address.port()).into_iter();
        let mut rows = rows.filter(|row| row.remote.port() == port);
        let row = rows.next();
        row.map_or(0, |row| row.send_queue)
    };
    // Until the kernel's own buffer grows no more: then 20 KB wait in the server.
    let (mut count, mut last) = (0, 0);
    while last == 0 || sent_by(&two) != last {
        last = sent_by(&two);
        for _ in 0..20 {
            peer::write(&mut one, &line);
            count += 1;
        }
        // The server has passed them on when it has answered a third one's arrival.
        let (third, name) = joins(address);
        hears(&mut one, format!("Client joined {name}\r\n"));
        drop(third);
        hears(&mut one, format!("Client left {name}\r\n"));
    }
    let mut all = Vec::new();
    one.shutdown(Shutdown::Write).expect("a FIN");
    let end = format!("Client left {name}\r\n");
    while !all.ends_with(end.as_bytes()) {
        let mut chunk = [0; 65_536];
        let count = two.read(&mut chunk).expect("more");
        assert!(count > 0, "it was dropped");
        all.extend(&chunk[..count]);
    }
    let said = format!("[{name}] {}\r\n", line.trim_end());
    let all = String::from_utf8(all).expect("UTF-8");
    assert_eq!(all.matches(&said).count(), count);
}

#[test]
fn many_empty_lines_at_once_cost_nobody_its_place() {
    // 4 KB in are more than 100 KB out, for each who hears: more than a queue may hold.
    let (_server, address) = server(&[]);
    let [(mut one, name), (mut two, _)] = two(address);
    peer::write(&mut one, "\n".repeat(4000));
    hears(&mut two, format!("[{name}] \r\n").repeat(4000));
}

/// Ctrl+C can come while a log asks poll whether its line fits. EINTR is no yes: the
/// write would sleep, and the server with it.
#[cfg(target_os = "linux")]
#[test]
fn a_signal_while_the_log_asks_for_room_does_not_make_it_wait() {
    let strace = tests::tool!("strace");
    let program = Program::of("chat").args(["127.0.0.1:0"]);
    let program = program.injected(strace, &["poll:error=EINTR:when=3+2"]);
    let (running, mut output) = program.start_with_unread_output();
    let [(mut one, name), (mut two, _)] =
        two(tests::kernel::comes_to_listen(running.pid()));
    output.fill(); // what it prints of a client stands there before the client hears
    for text in ["one", "two", "three"] {
        peer::write(&mut one, format!("{text}\n"));
        hears(&mut two, format!("[{name}] {text}\r\n"));
    }
    running.interrupt();
    running.ends_within(Duration::from_secs(2)).code(0);
}

#[test]
fn help_says_what_each_program_does_with_an_example() {
    for program in ["chat", "chat-client"] {
        let ended = Program::of(program).args(["--help"]).run();
        ended.code(0);
        assert!(
            ended.stdout.contains("example: cargo run -p chat"),
            "{ended:?}"
        );
    }
}

/// The client, connected.
fn client(address: SocketAddr) -> Running {
    let mut client = Program::of("chat-client")
        .args([address.to_string()])
        .start();
    client.line(WELCOME.trim_end());
    client
}

#[test]
fn the_client_without_an_argument_talks_to_its_own_practice_server() {
    let mut client = Program::of("chat-client").start();
    let line = client.line("No address given: a practice server");
    assert!(line.contains("127.0.0.1:"), "{line}");
    client.line(WELCOME.trim_end());
    client.line("Client joined 127.0.0.1:");
    client.line("] Hello! Who are you?");
    client.types("I am new here\n");
    client.line("] You have said 4 words to me. Go on!");
    client.close_keyboard();
    client.ends().code(0);
}

#[test]
fn two_of_our_clients_talk_at_our_server() {
    let (mut server, address) = server(&[]);
    let mut one = client(address);
    let mut two = client(address);
    let name = one.line("Client joined ").replace("Client joined ", "");
    // It hears while nothing is typed, and types while nothing is heard.
    two.types("Hello!\n");
    one.line(&format!("[{name}] Hello!"));
    one.types("Hello yourself!\n");
    two.line("] Hello yourself!");
    two.close_keyboard();
    let ended = two.ends();
    ended.code(0);
    assert_eq!(ended.stderr, "");
    one.line(&format!("Client left {name}"));
    server.line(&format!("Client left {name}"));
}

#[test]
fn the_clients_lines_end_as_the_contract_says() {
    let (address, server) = peer::serve_one(|mut stream| peer::read_to_end(&mut stream));
    let mut client = Program::of("chat-client")
        .args([address.to_string()])
        .start();
    client.types("one\ntwo\r\n\nth\rree");
    client.close_keyboard();
    let heard = server.join().expect("it hears");
    assert_eq!(heard, b"one\r\ntwo\r\n\r\nth\rree");
    client.ends().code(0);
}

#[test]
fn a_server_that_goes_away_is_told_while_nobody_types() {
    let (server, address) = server(&[]);
    let client = client(address);
    server.interrupt();
    // Its keyboard is open, and nobody touches it.
    let ended = client.ends();
    ended.code(1).complained("has ended: the server has gone");
    server.ends().code(0);
}

#[test]
fn what_was_typed_before_the_end_of_the_keyboard_arrives_whole() {
    let (_server, address) = server(&[]);
    let (mut one, _) = joins(address);
    let mut client = client(address);
    let many: String = (0..20_000).map(|number| format!("{number}\n")).collect();
    let writer = std::thread::spawn(move || {
        client.types(&many);
        client.close_keyboard();
        client.ends()
    });
    let (mut all, mut last) = (String::new(), String::new());
    let mut lines = BufReader::new(&mut one);
    while !last.contains("Client left") {
        all.push_str(&last);
        last.clear();
        assert!(
            lines.read_line(&mut last).expect("a line") > 0,
            "it goes on"
        );
    }
    let numbers = all.lines().filter_map(|line| line.split_once("] "));
    let numbers: Vec<_> = numbers.map(|(_, number)| number.to_string()).collect();
    let expected: Vec<_> = (0..20_000).map(|number| number.to_string()).collect();
    assert!(numbers == expected, "{} lines", numbers.len());
    writer.join().expect("no panic").code(0);
}

#[test]
fn a_client_that_has_left_hears_the_rest_and_does_not_wait_for_ever() {
    let (address, server) = peer::serve_one(|mut stream| {
        assert_eq!(peer::read_to_end(&mut stream), b"bye\r\n");
        peer::write(&mut stream, "one more thing\r\n");
        stream.flush().expect("sent");
        // It stays. The client does not.
        peer::read_to_end(&mut stream);
        std::thread::park_timeout(Duration::from_secs(2));
    });
    let mut client = Program::of("chat-client")
        .args([address.to_string().as_str(), "--timeout", "0.5"])
        .start();
    client.types("bye\n");
    client.close_keyboard();
    let ended = client.ends_within(Duration::from_secs(2));
    ended.code(0);
    assert_eq!(ended.stdout, "one more thing\n");
    drop(server);
}

#[test]
fn a_server_that_never_stops_talking_does_not_keep_a_client_that_has_left() {
    let (address, server) = peer::serve_one(|mut stream| {
        let mut said = 0;
        // Up to the reset: the client has closed.
        while stream.write_all(b"and another thing\r\n").is_ok() {
            said += 1;
            std::thread::sleep(Duration::from_millis(1)); // a pace, nothing is waited for
        }
        said
    });
    let mut client = Program::of("chat-client")
        .args([address.to_string().as_str(), "--timeout", "0.5"])
        .start();
    client.line("and another thing");
    client.close_keyboard();
    client.ends().code(0);
    assert!(server.join().expect("it sees the reset") > 1);
}

#[cfg(target_os = "linux")]
#[test]
fn when_a_crowd_without_descriptors_has_left_a_newcomer_is_let_in_at_once() {
    let prlimit = tests::tool!("prlimit");
    let program = Program::of("chat").args(["127.0.0.1:0"]);
    let mut server = program.through(prlimit, ["--nofile=16"]).start();
    let address = server.address();
    let crowd: Vec<_> = (0..200).map(|_| peer::connect(address)).collect();
    server.complains("(EMFILE); new clients wait");
    // The pauses between two attempts become long ones.
    std::thread::sleep(Duration::from_secs(2));
    drop(crowd);
    let start = Instant::now();
    joins(address);
    let took = start.elapsed();
    assert!(took < Duration::from_secs(3), "{took:?}");
}
