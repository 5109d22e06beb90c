//! Lesson 05: the first server and its client, and the two who talk in turn.

mod facts;
mod peers;
mod steps;
mod transcripts;

use std::net::{Shutdown, SocketAddr};

use tests::{Program, Running, peer};

/// One of the lesson's two servers, on a port of its own.
struct Server {
    name: &'static str,
    running: Running,
    address: SocketAddr,
}

impl Server {
    fn start(name: &'static str) -> Self {
        Self::start_with(name, &[])
    }

    fn start_with(name: &'static str, options: &[&str]) -> Self {
        Self::from(name, server(name, options))
    }

    fn from(name: &'static str, program: Program) -> Self {
        let mut running = program.start();
        let address = running.address();
        Self {
            name,
            running,
            address,
        }
    }

    /// Whether a client that behaves is served from beginning to end, the server's own.
    fn serves_one(mut self) {
        let mut client = peer::connect(self.address);
        if self.name == "talk" {
            peer::write(&mut client, "are you there?\n");
            self.running.line("them: are you there?");
            self.running.types("here I am\n");
            assert_eq!(peer::read_line(&mut client), "here I am\n");
            client.shutdown(Shutdown::Write).expect("it is open");
        } else {
            peer::write(&mut client, "are you there?");
            self.running.line("it says: \"are you there?\"");
        }
        let expected = if self.name == "talk" {
            ""
        } else {
            "Hello, client!\n"
        };
        let rest = String::from_utf8(peer::read_to_end(&mut client)).expect("UTF-8");
        assert_eq!(rest, expected);
        drop(client);
        let ended = self.running.ends();
        ended.code(0);
        assert!(!ended.stderr.contains("panicked"), "{ended:?}");
    }
}

/// A server as a program that has not started yet, for a port that the kernel chooses.
fn server(name: &str, options: &[&str]) -> Program {
    Program::of(name).args(["127.0.0.1:0"]).args(options)
}

/// A client as a program that has not started yet.
fn client(name: &str, address: impl ToString) -> Program {
    Program::of(name).args([address.to_string()])
}

#[test]
fn the_server_hears_answers_and_ends() {
    Server::start("bind-listen-accept").serves_one();
}

#[test]
fn the_first_line_is_the_address_and_the_second_says_how_to_talk_to_it() {
    for name in ["bind-listen-accept", "talk"] {
        let mut server = Server::start(name);
        let port = server.address.port();
        assert_eq!(
            server.running.line("try: "),
            format!("try: nc 127.0.0.1 {port}")
        );
        let printed = String::from_utf8(server.running.printed()).expect("UTF-8");
        let expected =
            format!("Listening on 127.0.0.1:{port}\ntry: nc 127.0.0.1 {port}\n");
        assert_eq!(printed, expected);
    }
}

#[test]
fn the_server_prints_the_address_that_the_client_has() {
    let mut server = Server::start("bind-listen-accept");
    let client = peer::connect(server.address);
    let own = client.local_addr().expect("its address");
    server.running.line(&format!("{own} is connected"));
}

#[test]
fn the_server_and_its_client_say_hello() {
    let mut server = Server::start("bind-listen-accept");
    let ended = client("bind-listen-accept-client", server.address).run();
    ended.code(0);
    let connected = format!("Connected to {}\n", server.address);
    assert_eq!(ended.stdout, connected + "it says: \"Hello, client!\\n\"\n");
    server.running.line("it says: \"Hello, server!\\n\"");
    server.running.ends().code(0);
}

#[test]
fn the_server_listens_on_every_address_when_it_is_told_to() {
    for (any, reached) in [
        ("0.0.0.0:0", "127.0.0.1"),
        ("[::]:0", "::1"),
        ("[::]:0", "127.0.0.1"),
    ] {
        if any.starts_with('[') && std::net::TcpListener::bind("[::1]:0").is_err() {
            tests::skip("this machine has no IPv6 loopback");
            continue;
        }
        let program = Program::of("bind-listen-accept").args([any]);
        let mut server = Server::from("bind-listen-accept", program);
        server.address.set_ip(reached.parse().expect("an address"));
        server.serves_one();
    }
}

#[test]
fn clients_without_an_argument_talk_to_their_own_practice_servers() {
    for name in ["bind-listen-accept-client", "talk-client"] {
        let mut running = Program::of(name).start();
        running.types("one two\n");
        running.close_keyboard();
        let ended = running.ends();
        ended.code(0);
        let start =
            "No address given: a practice server in this program listens on 127.0.0.1:";
        assert!(ended.stdout.starts_with(start), "{ended:?}");
        let answer = match name {
            "talk-client" => "them: I heard 2 words. Backwards they are \"owt eno\".\n",
            _ => "it says: \"Hello, client!\\n\"\n",
        };
        assert!(ended.stdout.contains(answer), "{ended:?}");
    }
}

#[test]
fn two_people_talk_in_turn_until_one_hangs_up() {
    for server_hangs_up in [false, true] {
        let mut server = Server::start("talk");
        let mut caller = client("talk-client", server.address).start();
        for round in ["one", "two", "three"] {
            caller.types(format!("{round} from the caller\n"));
            server
                .running
                .line(&format!("them: {round} from the caller"));
            server.running.types(format!("{round} from the server\n"));
            caller.line(&format!("them: {round} from the server"));
        }
        if server_hangs_up {
            caller.types("and now?\n");
            server.running.close_keyboard();
            caller.line("They hung up.");
        } else {
            caller.close_keyboard();
            server.running.line("They hung up.");
        }
        caller.ends().code(0);
        server.running.ends().code(0);
    }
}

#[test]
fn what_is_typed_out_of_turn_waits_and_is_not_lost() {
    let mut server = Server::start("talk");
    server.running.types("a1\na2\n");
    let mut caller = client("talk-client", server.address).start();
    caller.types("q1\nq2\nq3\n");
    for line in ["them: q1", "them: q2", "them: q3"] {
        server.running.line(line);
    }
    for line in ["them: a1", "them: a2"] {
        caller.line(line);
    }
    // The last line of the keyboard counts also where no Enter ends it.
    server.running.types("a3");
    server.running.close_keyboard();
    caller.line("them: a3");
}

#[test]
fn help_says_what_it_does_with_an_example() {
    for (name, example) in [
        ("bind-listen-accept", "-- 127.0.0.1:9000"),
        (
            "bind-listen-accept-client",
            "--bin bind-listen-accept-client -- localhost:8888",
        ),
        ("talk", "--bin talk -- 127.0.0.1:9000"),
        ("talk-client", "--bin talk-client -- 127.0.0.1:8888"),
    ] {
        let ended = Program::of(name).args(["--help"]).run();
        ended.code(0);
        let example = format!("\nexample: cargo run -p bind-listen-accept {example}\n");
        assert!(ended.stdout.contains(&example), "{ended:?}");
    }
}
