//! Lesson 08: the server for datagrams, its client, and TCP and UDP side by side.

mod facts;
mod peers;
mod transcripts;

use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Mutex;
use std::thread::{self, JoinHandle};
use std::time::Duration;

#[cfg(target_os = "linux")]
use tests::namespace;
use tests::{ANSWER, Ended, Program, Running, WHOLE};

/// The server, on a port of its own.
struct Server {
    running: Running,
    address: SocketAddr,
}

impl Server {
    fn start() -> Self {
        Self::from(server())
    }

    fn from(program: Program) -> Self {
        let mut running = program.start();
        let address = running.address();
        Self { running, address }
    }
}

/// The server as a program that has not started yet, for a port that the kernel chooses.
fn server() -> Program {
    Program::of("udp").args(["127.0.0.1:0"])
}

/// The client as a program that has not started yet.
fn client(address: impl ToString) -> Program {
    Program::of("udp-client").args([address.to_string()])
}

/// Runs a client to its end, with this typed on its keyboard.
fn typed(program: Program, text: impl AsRef<[u8]>) -> Ended {
    let mut running = program.start();
    running.types(text);
    running.close_keyboard();
    running.ends()
}

/// A socket on 127.0.0.1 whose recv has a deadline.
fn socket() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    // The start of a program is within it, also on a busy machine.
    socket.set_read_timeout(Some(WHOLE)).expect("a deadline");
    socket
}

/// The address of a socket.
fn address_of(socket: &UdpSocket) -> SocketAddr {
    socket.local_addr().expect("its address")
}

/// The next datagram, and who sent it.
fn receive(socket: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut buffer = vec![0; 65_535];
    let (length, sender) = socket.recv_from(&mut buffer).expect("a datagram");
    buffer.truncate(length);
    (buffer, sender)
}

/// Whether nothing waits in the queue of a socket.
fn has_nothing(socket: &UdpSocket) -> bool {
    socket.set_nonblocking(true).expect("O_NONBLOCK");
    let received = socket.recv_from(&mut [0; 100]);
    socket.set_nonblocking(false).expect("O_NONBLOCK");
    received.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}

/// What the server at this address answers to a new client.
fn answer(address: SocketAddr, datagram: &[u8]) -> Vec<u8> {
    answer_to(&socket(), address, datagram)
}

/// What the server at this address answers to this client.
fn answer_to(client: &UdpSocket, address: SocketAddr, datagram: &[u8]) -> Vec<u8> {
    client.send_to(datagram, address).expect("it is sent");
    let (answer, sender) = receive(client);
    assert_eq!(sender, address, "it comes from where we sent to");
    answer
}

/// A server for the client under test, on a thread of its own.
fn serve<T: Send + 'static>(
    serve: impl FnOnce(UdpSocket) -> T + Send + 'static,
) -> (SocketAddr, JoinHandle<T>) {
    let socket = socket();
    let address = address_of(&socket);
    (address, thread::spawn(move || serve(socket)))
}

/// A port on 127.0.0.1 to which no datagram gets, as long as this process lives: its
/// socket is connected to somebody else, so the kernel refuses what others send.
fn dead_port() -> SocketAddr {
    static TAKEN: Mutex<Vec<UdpSocket>> = Mutex::new(Vec::new());
    let socket = socket();
    socket
        .connect("127.0.0.1:1")
        .expect("connect sends nothing");
    let address = address_of(&socket);
    TAKEN.lock().expect("no panic").push(socket);
    address
}

#[test]
fn a_datagram_comes_back_with_its_ascii_letters_in_upper_case() {
    let server = Server::start();
    assert_eq!(answer(server.address, b"hello"), b"HELLO");
    assert_eq!(answer(server.address, b"two\nlines\r\n"), b"TWO\nLINES\r\n");
    assert_eq!(answer(server.address, "één".as_bytes()), "ééN".as_bytes());
    let every_byte: Vec<u8> = (0..=255).collect();
    let expected = every_byte.to_ascii_uppercase();
    assert_eq!(answer(server.address, &every_byte), expected);
}

#[test]
fn every_client_gets_its_own_answers() {
    let server = Server::start();
    let clients = [socket(), socket(), socket()];
    for (number, client) in clients.iter().enumerate() {
        for word in ["a", "b"] {
            let datagram = format!("{word}{number}");
            client
                .send_to(datagram.as_bytes(), server.address)
                .expect("it is sent");
        }
    }
    for (number, client) in clients.iter().enumerate() {
        for word in ["A", "B"] {
            assert_eq!(receive(client).0, format!("{word}{number}").as_bytes());
        }
        assert!(has_nothing(client));
    }
}

#[test]
fn the_server_says_where_it_listens_and_who_sent_how_much() {
    let mut server = Server::start();
    let port = server.address.port();
    server.running.line(&format!("try: nc -u 127.0.0.1 {port}"));
    let client = socket();
    client
        .send_to(b"hello", server.address)
        .expect("it is sent");
    let from = address_of(&client);
    server.running.line(&format!("{from} sent 5 bytes"));
}

#[cfg(target_os = "linux")]
#[test]
fn without_an_argument_the_server_takes_port_9000() {
    if !namespace::allowed() {
        return;
    }
    let program = namespace::around(Program::of("udp"), "ip link set lo up");
    let server = Server::from(program);
    assert_eq!(server.address.to_string(), "127.0.0.1:9000");
}

#[test]
fn the_server_answers_over_ipv6_up_to_the_longest_datagram() {
    let Ok(client) = UdpSocket::bind("[::1]:0") else {
        tests::skip!("this machine has no IPv6 loopback");
    };
    client.set_read_timeout(Some(ANSWER)).expect("a deadline");
    let server = Server::from(Program::of("udp").args(["[::1]:0"]));
    let longest = vec![b'x'; 65_527];
    client
        .send_to(&longest, server.address)
        .expect("it is sent");
    assert_eq!(receive(&client).0, longest.to_ascii_uppercase());
}

/// What comes faster than the server can read is lost. It is not lost for ever: a client
/// that asks again is answered in the end.
#[test]
fn a_flood_from_one_peer_does_not_shut_out_the_others() {
    let server = Server::start();
    let address = server.address;
    let flood = thread::spawn(move || {
        let flooder = socket();
        for _ in 0..20_000 {
            flooder.send_to(&[b'x'; 100], address).expect("it is sent");
        }
    });
    let program = client(address).args(["--timeout", "0.1", "--tries", "50"]);
    let ended = typed(program, "hello\n");
    ended.code(0);
    assert!(ended.stdout.ends_with("\nHELLO\n"), "{ended:?}");
    flood.join().expect("the flood ends");
}

#[test]
fn the_client_without_an_argument_asks_a_practice_server_that_loses_datagrams() {
    let program = Program::of("udp-client").args(["--timeout", "0.2"]);
    let ended = typed(program, "one\ntwo\nthree\n");
    ended.code(0);
    let start =
        "No address given: a practice server in this program listens on 127.0.0.1:";
    assert!(ended.stdout.starts_with(start), "{ended:?}");
    assert!(ended.stdout.contains("\nONE\nTWO\n"), "{ended:?}");
    assert!(ended.stdout.contains("[no answer in 200ms; try 2 of 3]\n"));
    assert!(ended.stdout.ends_with("\nTHREE\n"), "{ended:?}");
}

#[test]
fn the_client_sends_each_line_as_one_datagram_of_exactly_its_bytes() {
    let (address, server) = serve(|socket| {
        let mut seen = Vec::new();
        for _ in 0..4 {
            let (datagram, sender) = receive(&socket);
            socket
                .send_to(&datagram.to_ascii_uppercase(), sender)
                .expect("it is sent");
            seen.push(datagram);
        }
        (seen, has_nothing(&socket))
    });
    let ended = typed(client(address), b"one two\n\xff\x00\n\nno end");
    ended.code(0);
    let (seen, and_no_more) = server.join().expect("the server ends");
    assert_eq!(seen, [&b"one two"[..], b"\xff\x00", b"", b"no end"]);
    assert!(and_no_more);
}

#[test]
fn the_client_sends_as_often_as_it_was_told_and_then_gives_up() {
    let (address, server) = serve(|socket| {
        let first = receive(&socket);
        (0..2).all(|_| receive(&socket) == first) && has_nothing(&socket)
    });
    let program = client(address).args(["--timeout", "0.1", "--tries", "3"]);
    let ended = typed(program, "hello\n");
    ended
        .code(1)
        .complained(&format!("cannot ask {address}: timed out (ETIMEDOUT)"));
    assert!(ended.took >= Duration::from_millis(300), "{ended:?}");
    assert!(server.join().expect("three came"), "three, all the same");
}

#[test]
fn datagrams_that_are_no_answer_do_not_prolong_the_wait() {
    let (address, server) = serve(|socket| {
        let (_, sender) = receive(&socket);
        socket.connect(sender).expect("a peer");
        // Until the client has gone and the kernel refuses.
        let pause = Duration::from_millis(20);
        while socket.send(b"no answer").is_ok() {
            thread::sleep(pause); // the pace of the talk, well below the timeout
        }
    });
    let program = client(address).args(["--timeout", "0.3", "--tries", "1"]);
    let mut running = program.start();
    running.types("hello\n");
    let ended = running.ends_within(ANSWER);
    ended.code(1).complained("timed out (ETIMEDOUT)");
    let line = "[9 bytes that do not answer this line]";
    assert!(ended.stdout.contains(line), "{ended:?}");
    server.join().expect("the talk ends");
}

#[test]
fn the_client_and_the_server_carry_the_longest_datagram() {
    let server = Server::start();
    let longest = "x".repeat(65_507);
    let ended = typed(client(server.address), &longest);
    ended.code(0);
    let expected = format!("\n{}\n", longest.to_uppercase());
    assert!(ended.stdout.ends_with(&expected), "{}", ended.stdout.len());
}

#[cfg(target_os = "linux")]
#[test]
fn where_nobody_is_at_the_first_address_of_a_name_the_client_asks_the_next() {
    if !namespace::allowed() || UdpSocket::bind("[::1]:0").is_err() {
        tests::skip!("this system has no IPv6 or no namespaces");
    }
    let server = Server::start();
    let hosts = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(hosts.path(), "::1 both\n127.0.0.1 both\n").expect("written");
    let program = client(format!("both:{}", server.address.port()));
    let setup = format!("mount --bind {} /etc/hosts", hosts.path().display());
    let ended = typed(namespace::with_files(program, &setup), "hello\n");
    ended.code(0);
    let refused = format!("[[::1]:{} refuses", server.address.port());
    assert!(ended.stdout.contains(&refused), "{ended:?}");
    assert!(ended.stdout.ends_with("\nHELLO\n"), "{ended:?}");
}

#[test]
fn help_says_what_each_program_does_with_an_example() {
    for (name, example) in [
        ("udp", "example: cargo run -p udp -- 127.0.0.1:9000"),
        (
            "udp-client",
            "example: cargo run -p udp --bin udp-client -- 127.0.0.1:9000",
        ),
        ("tcp-and-udp", "example: cargo run -p udp --bin tcp-and-udp"),
    ] {
        let ended = Program::of(name).args(["--help"]).run();
        ended.code(0);
        assert!(ended.stdout.contains(example), "{ended:?}");
    }
}
