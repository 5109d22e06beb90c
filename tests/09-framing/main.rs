//! Lesson 09: frames against dawdlers, liars and strangers; and the remote command pair.

mod facts;
#[cfg(unix)] // signals
mod own_faults;
mod peers;
mod transcripts;

use std::io::Read;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use tests::{ANSWER, Program, Running, peer, until};

/// A message behind its length.
fn frame(message: impl AsRef<[u8]>) -> Vec<u8> {
    let message = message.as_ref();
    let length = u32::try_from(message.len()).expect("a short message");
    [&length.to_be_bytes(), message].concat()
}

/// The next frame, or none where the peer has closed.
fn read_frame(stream: &mut impl Read) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    // It makes an interrupted call again: this process may be stopped, too.
    let read = stream.take(4).read_to_end(&mut head);
    if read.expect("a frame, or the end") == 0 {
        return None;
    }
    let head = head.try_into().expect("the whole length");
    let length = u32::from_be_bytes(head) as usize;
    assert!(length <= 65_536, "{length}: the server keeps its own limit");
    Some(peer::read_bytes(stream, length))
}

/// One of the two servers, running, in an empty folder of its own: should a test find a
/// fault, what a shell makes of the test's commands happens there.
struct Server {
    running: Running,
    address: SocketAddr,
    folder: tempfile::TempDir,
    /// What remote-server printed.
    token: Option<String>,
}

impl Server {
    fn of(program: Program, has_token: bool) -> Self {
        let folder = tempfile::tempdir().expect("an empty folder");
        let mut running = program.in_folder(folder.path()).start();
        let address = running.address();
        let token = has_token.then(|| {
            let line = running.line("token: ");
            line.rsplit(' ').next().unwrap_or_default().to_string()
        });
        Self {
            running,
            address,
            folder,
            token,
        }
    }

    /// framed-server with some arguments, on a port of its own.
    fn framed(args: &[&str]) -> Self {
        let program = Program::of("framed-server").args(["127.0.0.1:0"]);
        Self::of(program.args(args), false)
    }

    /// remote-server.
    fn remote(args: &[&str]) -> Self {
        let program = Program::of("remote-server").args(["127.0.0.1:0"]);
        Self::of(program.args(args), true)
    }

    fn token(&self) -> &str {
        self.token.as_deref().expect("remote-server has one")
    }

    /// A connection on which the next frame is a request.
    fn join(&self) -> TcpStream {
        let mut stream = peer::connect(self.address);
        if let Some(token) = &self.token {
            peer::write(&mut stream, frame(token));
            let welcome = read_frame(&mut stream).expect("a welcome");
            assert_eq!(welcome[0], b'w', "{}", String::from_utf8_lossy(&welcome));
        }
        stream
    }

    /// A request, and all the frames of its answer.
    fn request(&self) -> (Vec<u8>, Vec<Vec<u8>>) {
        match self.token {
            None => (frame("Ada"), vec![b"Hello, Ada!".to_vec()]),
            Some(_) => (frame("echo Ada"), vec![b"oAda\n".to_vec(), b"x0".to_vec()]),
        }
    }

    #[track_caller]
    fn answers(&self, stream: &mut TcpStream) {
        for expected in self.request().1 {
            let mut frame = read_frame(stream).expect("an answer");
            // While a command prints nothing for a second, an empty piece of output says that
            // the server is there: on a busy machine also for an echo.
            while frame == b"o" {
                frame = read_frame(stream).expect("an answer");
            }
            assert_eq!(
                String::from_utf8_lossy(&frame),
                String::from_utf8_lossy(&expected)
            );
        }
    }

    /// Serves a new client from its beginning to its end.
    #[track_caller]
    fn serves(&self) {
        let mut stream = self.join();
        peer::write(&mut stream, self.request().0);
        self.answers(&mut stream);
    }

    /// Runs a command to its end: what it printed on both outputs, and the last frame.
    fn run(&self, stream: &mut TcpStream, line: impl AsRef<[u8]>) -> Reply {
        peer::write(stream, frame(line));
        Reply::read(stream)
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Reply {
    out: Vec<u8>,
    err: Vec<u8>,
    end: String,
}

impl Reply {
    fn read(stream: &mut TcpStream) -> Self {
        let mut reply = Self::default();
        loop {
            let frame = read_frame(stream).expect("the reply goes on");
            match frame.split_first().expect("a tag") {
                (b'o', data) => reply.out.extend(data),
                (b'e', data) => reply.err.extend(data),
                (_, _) => {
                    reply.end = String::from_utf8(frame).expect("words");
                    return reply;
                }
            }
        }
    }

    fn out(&self) -> String {
        String::from_utf8_lossy(&self.out).into_owned()
    }
}

/// Whether a process lives (a zombie does not).
#[cfg(target_os = "linux")]
fn lives(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.contains(") Z "))
}

// framing

#[test]
fn framing_shows_the_sticking_the_splitting_and_both_cures() {
    let ended = Program::of("framing").run();
    ended.code(0);
    assert!(
        ended
            .stdout
            .contains("recv  17 bytes  \"MichaelTracySarah\""),
        "{ended:#?}"
    );
    assert!(
        ended.stdout.contains("frame 12 bytes  \"with \\n in it\""),
        "{ended:#?}"
    );
}

// framed-server and framed-client

#[test]
fn the_framed_pair_talks() {
    let server = Server::framed(&[]);
    let ended = Program::of("framed-client")
        .args([server.address.to_string()])
        .run();
    ended.code(0);
    for name in ["Michael", "Tracy", "Sarah"] {
        assert!(
            ended.stdout.contains(&format!("\"Hello, {name}!\"")),
            "{ended:#?}"
        );
    }
}

#[test]
fn framed_client_has_its_own_practice_server() {
    let ended = Program::of("framed-client").run();
    ended.code(0);
    assert!(ended.stdout.contains("a practice server"), "{ended:#?}");
    assert!(
        ended
            .stdout
            .contains("frame of 13 bytes: \"Hello, Sarah!\""),
        "{ended:#?}"
    );
}

#[test]
fn an_empty_frame_and_the_longest_frame_are_frames() {
    let server = Server::framed(&[]);
    let mut stream = server.join();
    peer::write(&mut stream, frame(""));
    assert_eq!(read_frame(&mut stream).expect("an answer"), b"Hello, !");
    // 8 bytes less than the limit: so the answer just fits into a frame.
    let longest = vec![b'x'; 65_536 - 8];
    peer::write(&mut stream, frame(&longest));
    assert_eq!(read_frame(&mut stream).expect("an answer").len(), 65_536);
    peer::write(&mut stream, 65_537_u32.to_be_bytes());
    let error = read_frame(&mut stream).expect("an error frame");
    assert!(error.starts_with(b"error: a frame of 65537 bytes"));
    assert_eq!(read_frame(&mut stream), None);
}

#[test]
fn a_frame_that_the_peer_would_refuse_is_not_sent() {
    let server = Server::framed(&[]);
    let mut stream = server.join();
    peer::write(&mut stream, frame([b'x'; 65_536 - 7])); // its answer has one byte too many
    let error = read_frame(&mut stream).expect("an error frame");
    assert!(error.starts_with(b"error: a frame of 65537 bytes"));
    assert_eq!(read_frame(&mut stream), None);
    let ended = Program::of("framed-client")
        .args(["--message", &"x".repeat(65_537)])
        .run();
    ended
        .code(1)
        .complained_after_notes("a frame of 65537 bytes, the limit is 65536");
}

#[test]
fn one_client_too_many_is_told_so_and_the_others_stay() {
    for (server, refusal) in [
        (
            Server::framed(&["--max-clients", "2"]),
            "error: too many clients",
        ),
        (Server::remote(&["--max-clients", "2"]), "!too many clients"),
    ] {
        let mut inside = [server.join(), server.join()];
        let mut third = peer::connect(server.address);
        if let Some(token) = &server.token {
            peer::write(&mut third, frame(token)); // the seats are for who knows it
        }
        let told = read_frame(&mut third).expect("a refusal");
        let told = String::from_utf8_lossy(&told).into_owned();
        assert!(told.starts_with(refusal), "{told}");
        assert_eq!(read_frame(&mut third), None);
        drop(third);
        for stream in &mut inside {
            peer::write(stream, server.request().0);
            server.answers(stream);
        }
        drop(inside);
        // A seat is free as soon as the server has noticed.
        until("a free seat", || {
            let mut stream = peer::connect(server.address);
            let first = server
                .token
                .as_ref()
                .map_or_else(|| server.request().0, frame);
            peer::write(&mut stream, first);
            let answer = read_frame(&mut stream)?;
            (!String::from_utf8_lossy(&answer).contains("too many")).then_some(())
        });
    }
}

// remote-server

#[test]
fn a_command_returns_both_outputs_and_its_status() {
    let server = Server::remote(&["--allow", "sh"]);
    let mut stream = server.join();
    let reply = server.run(&mut stream, "sh -c 'echo out; echo err >&2; exit 3'");
    let expected = Reply {
        out: b"out\n".into(),
        err: b"err\n".into(),
        end: "x3".into(),
    };
    assert_eq!(reply, expected);
    assert_eq!(server.run(&mut stream, "sh -c 'kill -9 $$'").end, "x-9");
}

#[test]
fn no_shell_sees_the_line() {
    let server = Server::remote(&[]);
    let mut stream = server.join();
    let reply = server.run(
        &mut stream,
        "echo hi; touch broken-in | cat > x & `id` $(id) $HOME",
    );
    assert_eq!(
        reply.out(),
        "hi; touch broken-in | cat > x & `id` $(id) $HOME\n"
    );
    assert_eq!(reply.end, "x0");
    let left = std::fs::read_dir(server.folder.path()).expect("its folder");
    assert_eq!(left.count(), 0, "nothing but echo was run");
    let reply = server.run(&mut stream, "echo 'two  words' \"and $HOME\" a\\ b");
    assert_eq!(reply.out(), "two  words and $HOME a b\n");
}

#[test]
fn only_the_programs_on_the_list_are_run() {
    let server = Server::remote(&["--allow", "uname", "--allow", "echo"]);
    let mut stream = server.join();
    for line in [
        "id",
        "/bin/echo x",
        "./echo",
        "",
        " ",
        "'",
        "echo 'open",
        "uname echo'",
        "'echo '",
        "\0",
    ] {
        let reply = server.run(&mut stream, line);
        assert_eq!(reply.end, "!only allowed: uname echo", "{line:?}");
    }
    assert!(
        server
            .run(&mut stream, b"echo \xff")
            .end
            .starts_with("!only allowed")
    );
    let reply = server.run(&mut stream, "echo a\0b");
    assert!(reply.end.starts_with("!not run: "), "{reply:?}");
    assert_eq!(server.run(&mut stream, "echo x").end, "x0");
}

#[test]
fn a_program_that_does_not_exist_is_told() {
    let server = Server::remote(&["--allow", "no-such-program"]);
    let mut stream = server.join();
    let reply = server.run(&mut stream, "no-such-program");
    assert_eq!(reply.end, "!not run: no such file or directory (ENOENT)");
}

#[test]
fn every_run_has_another_token_and_a_wrong_one_is_refused() {
    let server = Server::remote(&[]);
    let token = server.token();
    assert_eq!(token.len(), 32);
    assert_ne!(token, Server::remote(&[]).token());
    let half = &token[..16];
    let wrong = [
        String::new(),
        half.into(),
        format!("{token}0"),
        token.to_uppercase() + "x",
    ];
    let start = Instant::now();
    let guess = |wrong: String| {
        let mut stream = peer::connect(server.address);
        peer::write(&mut stream, frame(&wrong));
        peer::write(&mut stream, frame("echo x")); // it does not wait for the welcome
        stream
    };
    for mut stream in wrong.map(guess) {
        assert_eq!(read_frame(&mut stream).expect("a refusal"), b"!wrong token");
        assert_eq!(read_frame(&mut stream), None);
        assert!(
            start.elapsed() >= Duration::from_millis(500),
            "a guess takes its time"
        );
    }
    server.serves();
}

#[test]
fn many_wrong_tokens_lock_no_honest_client_out() {
    let server = Server::remote(&["--max-clients", "40"]);
    let mut inside = server.join();
    let guessers: Vec<_> = (0..30)
        .map(|_| {
            let mut stream = peer::connect(server.address);
            peer::write(&mut stream, frame("guess"));
            stream
        })
        .collect();
    server.serves();
    assert_eq!(server.run(&mut inside, "echo x").end, "x0");
    for mut guesser in guessers {
        assert_eq!(
            read_frame(&mut guesser).expect("a refusal"),
            b"!wrong token"
        );
    }
    server.serves();
}

#[test]
fn strangers_that_say_nothing_hold_no_seat() {
    let server = Server::remote(&["--max-clients", "2"]);
    // For two seconds each, they might.
    let strangers: Vec<_> = (0..24).map(|_| peer::connect(server.address)).collect();
    for _ in 0..20 {
        let mut stream = server.join();
        peer::write(&mut stream, server.request().0);
        server.answers(&mut stream);
        stream.shutdown(Shutdown::Write).expect("a goodbye");
        assert_eq!(read_frame(&mut stream), None); // its seat is free before this
    }
    drop(strangers);
}

#[test]
fn allow_takes_the_name_of_one_program() {
    for name in ["", " ", "date +%F", "echo\tid", "date "] {
        let program = Program::of("remote-server").args(["127.0.0.1:0", "--allow", name]);
        let ended = program.run();
        let words = format!("`{name}` does not fit --allow: it takes one program");
        ended.code(2).complained(&words);
    }
    // Two names are two programs, and the arguments are free.
    let server = Server::remote(&["--allow", "echo", "--allow", "uname"]);
    let mut stream = server.join();
    assert_eq!(server.run(&mut stream, "echo a").end, "x0");
    assert_eq!(server.run(&mut stream, "uname -s").end, "x0");
    assert_eq!(
        server.run(&mut stream, "pwd").end,
        "!only allowed: echo uname"
    );
}

#[test]
fn who_shows_no_token_in_two_seconds_is_let_go() {
    let server = Server::remote(&[]);
    let mut stream = peer::connect(server.address);
    stream
        .set_read_timeout(Some(ANSWER * 3))
        .expect("a timeout");
    let start = Instant::now();
    let told = read_frame(&mut stream).expect("a refusal");
    assert_eq!(String::from_utf8_lossy(&told), "!timed out (ETIMEDOUT)");
    assert!(start.elapsed() >= Duration::from_secs(2));
}

#[test]
fn a_client_that_says_nothing_for_long_is_let_go() {
    let server = Server::remote(&["--patience", "0.3"]);
    let mut stream = server.join();
    let told = read_frame(&mut stream).expect("a goodbye");
    assert_eq!(String::from_utf8_lossy(&told), "!timed out (ETIMEDOUT)");
    assert_eq!(read_frame(&mut stream), None);
}

#[cfg(target_os = "linux")]
#[test]
fn a_hundred_mebibytes_pass_with_flat_memory() {
    let server = Server::remote(&["--allow", "head"]);
    let mut stream = server.join();
    server.run(&mut stream, "head -c 1000000 /dev/zero");
    let before = tests::kernel::peak_kib(server.running.pid());
    let size = 100 << 20;
    peer::write(&mut stream, frame(format!("head -c {size} /dev/zero")));
    let mut received = 0;
    loop {
        let frame = read_frame(&mut stream).expect("the reply goes on");
        match frame[0] {
            b'o' => received += frame.len() - 1,
            _ => break assert_eq!(frame, b"x0"),
        }
    }
    assert_eq!(received, size);
    let grown = tests::kernel::peak_kib(server.running.pid()) - before;
    assert!(grown < 1024, "{grown} KiB more");
}

#[cfg(target_os = "linux")]
#[test]
fn the_client_passes_a_hundred_mebibytes_on_with_flat_memory() {
    let server = Server::remote(&["--allow", "head"]);
    let mut client = remote_client(&server).args(["--raw"]).start();
    client.complains("It runs: head\n");
    client.types("head -c 1000000 /dev/zero\nbefore\n");
    client.complains("the server says: ");
    let before = tests::kernel::peak_kib(client.pid());
    client.types("head -c 104857600 /dev/zero\nhead --nonsense\n");
    client.complains("nonsense"); // which comes behind all the rest
    let grown = tests::kernel::peak_kib(client.pid()) - before;
    assert!(grown < 1024, "{grown} KiB more");
    client.close_keyboard();
    assert_eq!(client.ends().stdout.len(), 1_000_000 + (100 << 20));
}

#[test]
fn bytes_pass_through_the_server_unchanged() {
    let server = Server::remote(&["--allow", "printf"]);
    let mut stream = server.join();
    let reply = server.run(&mut stream, r"printf '\304\343\272\303\000\377\033[2J'");
    assert_eq!(reply.out, b"\xc4\xe3\xba\xc3\0\xff\x1b[2J");
}

#[cfg(target_os = "linux")]
#[test]
fn the_time_limit_kills_the_program_and_all_that_it_started() {
    let server = Server::remote(&["--allow", "sh", "--time-limit", "0.5"]);
    let mut stream = server.join();
    let start = Instant::now();
    let reply = server.run(&mut stream, "sh -c 'sleep 60 & echo $! $$; wait'");
    assert_eq!(reply.end, "!killed: it took too long, or said too much");
    assert!(start.elapsed() >= Duration::from_millis(500));
    let out = reply.out();
    for pid in out.split_whitespace() {
        let pid = pid.parse().expect("a process id");
        until("they are dead", || (!lives(pid)).then_some(()));
    }
    // The client stays, and so does its connection.
    assert_eq!(server.run(&mut stream, "sh -c 'echo on'").out(), "on\n");
}

#[test]
fn a_program_that_says_too_much_is_killed() {
    let server = Server::remote(&["--allow", "cat", "--time-limit", "60"]);
    let mut stream = server.join();
    peer::write(&mut stream, frame("cat /dev/zero"));
    let mut received = 0;
    let end = loop {
        let frame = read_frame(&mut stream).expect("the reply goes on");
        match frame[0] {
            b'o' => received += frame.len() - 1,
            _ => break frame,
        }
    };
    assert!(end.starts_with(b"!killed"));
    assert!((256 << 20..257 << 20).contains(&received), "{received}");
}

#[test]
fn the_program_gets_no_input_no_environment_and_no_sockets() {
    let program = Program::of("remote-server").env("SECRET", "xyzzy");
    let program = program.args(["127.0.0.1:0", "--allow", "cat", "--allow", "env"]);
    let server = Server::of(program.args(["--allow", "ls"]), true);
    let mut stream = server.join();
    let expected = Reply {
        end: "x0".into(),
        ..Reply::default()
    };
    assert_eq!(server.run(&mut stream, "cat"), expected);
    let env = server.run(&mut stream, "env").out();
    assert!(env.contains("PATH=") && !env.contains("xyzzy"), "{env}");
    if cfg!(target_os = "linux") {
        let open = server.run(&mut stream, "ls -l /proc/self/fd").out();
        assert!(!open.contains("socket:"), "{open}");
    }
}

/// Starts a command that would run for a minute, and returns its process id.
#[cfg(target_os = "linux")]
fn start_long_command(stream: &mut TcpStream) -> u32 {
    peer::write(stream, frame("sh -c 'echo $$; exec sleep 60'"));
    let line = read_frame(stream).expect("the process id");
    let line = String::from_utf8_lossy(&line[1..]).into_owned();
    line.trim().parse().expect("a process id")
}

#[cfg(target_os = "linux")]
#[test]
fn a_client_that_vanishes_takes_its_command_with_it() {
    let server = Server::remote(&["--allow", "sh", "--time-limit", "60"]);
    for goodbye in [drop, peer::reset] {
        let mut stream = server.join();
        let pid = start_long_command(&mut stream);
        assert!(lives(pid));
        goodbye(stream);
        until("the command is killed", || (!lives(pid)).then_some(()));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_kills_the_running_command_and_its_client_sees_the_end() {
    let server = Server::remote(&["--allow", "sh", "--time-limit", "60"]);
    let mut stream = server.join();
    let pid = start_long_command(&mut stream);
    server.running.interrupt();
    while read_frame(&mut stream).is_some_and(|frame| frame == b"o") {}
    let start = Instant::now();
    server.running.ends().code(0);
    assert!(start.elapsed() < Duration::from_secs(1));
    assert!(!lives(pid), "it is dead when the server has ended");
}

#[test]
fn other_machines_are_let_in_on_request_only() {
    for address in ["0.0.0.0:0", "[::]:0"] {
        let ended = Program::of("remote-server").args([address]).run();
        ended.code(2).complained("other machines could reach");
        assert!(ended.stderr.contains("--listen-public"), "{ended:#?}");
    }
    let args = ["0.0.0.0:0", "--listen-public"];
    let mut running = Program::of("remote-server").args(args).start();
    assert!(running.address().ip().is_unspecified());
}

// remote-client

fn remote_client(server: &Server) -> Program {
    Program::of("remote-client")
        .env("REMOTE_TOKEN", server.token())
        .args([server.address.to_string()])
}

#[test]
fn the_client_shows_output_errors_status_and_refusals() {
    let server = Server::remote(&["--allow", "echo", "--allow", "sh"]);
    let mut client = remote_client(&server).start();
    client.complains("It runs: echo sh\n");
    client.types("echo hello\n");
    client.line("hello");
    client.types("\n   \nsh -c 'echo oh >&2; exit 7'\n");
    client.complains("oh\nexit code 7\n");
    client.types("cat x\n");
    client.complains("the server says: only allowed: echo sh\n");
    client.types("exit\n");
    let ended = client.ends();
    ended.code(0);
    assert_eq!(ended.stdout, ">>: hello\n>>: >>: >>: >>: >>: ");
}

#[test]
fn the_client_ends_at_the_end_of_its_keyboard() {
    let server = Server::remote(&[]);
    let ended = remote_client(&server).run();
    ended.code(0);
    assert_eq!(ended.stdout, ">>: ");
}

#[test]
fn the_token_is_an_argument_or_a_variable() {
    let server = Server::remote(&[]);
    let address = server.address.to_string();
    let client = || Program::of("remote-client").args([&address]);
    client().args(["--token", server.token()]).run().code(0);
    client().env("REMOTE_TOKEN", server.token()).run().code(0);
    client().run().code(2).complained("there is no token");
    client()
        .args(["--token", "x"])
        .run()
        .code(1)
        .complained("refuses: wrong token");
}

#[test]
fn the_client_has_its_own_practice_server() {
    let mut client = Program::of("remote-client")
        .args(["--encoding", "gbk"])
        .start();
    client.complains("It runs: count echo fail help nihao\n");
    client.types("nihao\n");
    client.line("你好");
    client.types("count 3\n");
    client.line("3");
    client.types("fail\n");
    client.complains("exit code 3");
    client.close_keyboard();
    client.ends().code(0);
}

#[test]
fn the_client_decodes_what_is_not_utf_8() {
    let server = Server::remote(&["--allow", "sh"]);
    // The pause puts the two halves of a character into two frames.
    let halves = r"sh -c 'printf \\304\\343\\272; sleep 0.1; printf \\303\\n'";
    for (args, expected) in [
        (&["--encoding", "gbk"][..], "你好\n".as_bytes()),
        (&["--encoding", "GB18030"], "你好\n".as_bytes()),
        (&["--encoding", "latin1"], "Äãº\u{c3}\n".as_bytes()),
        (&[], "\u{fffd}\u{fffd}\u{fffd}\n".as_bytes()),
        (&["--raw"], b"\xc4\xe3\xba\xc3\n"),
    ] {
        let mut client = remote_client(&server).args(args).start();
        client.types(format!("{halves}\n"));
        client.close_keyboard();
        let printed = until("the output", || {
            let printed = client.printed();
            printed.contains(&b'\n').then_some(printed)
        });
        let printed = printed.strip_prefix(b">>: ").unwrap_or(&printed);
        assert!(printed.starts_with(expected), "{args:?}: {printed:?}");
        client.ends().code(0);
    }
    let ended = Program::of("remote-client")
        .args(["--encoding", "klingon"])
        .run();
    ended.code(2).complained("`klingon` is no encoding");
}

#[test]
fn half_a_character_at_the_end_is_shown_as_one_that_is_missing() {
    let server = Server::remote(&["--allow", "printf"]);
    let mut client = remote_client(&server).start();
    client.types("printf \\\\303\nexit\n");
    let ended = client.ends();
    assert_eq!(ended.stdout, ">>: \u{fffd}>>: ");
}

#[test]
fn a_servers_words_stay_on_one_line() {
    for words in [
        "!no\nhint: type your password",
        "!no\r\nhint: type your password",
    ] {
        let (address, server) = peer::serve_one(move |mut stream| {
            read_frame(&mut stream).expect("the token");
            peer::write(&mut stream, frame(words));
        });
        let program = Program::of("remote-client").env("REMOTE_TOKEN", "x");
        let ended = program.args([address.to_string()]).run();
        let told = format!("{address} refuses: no hint: type your password");
        ended.code(1).complained(&told);
        server.join().expect("the server ends");
    }
}

#[test]
fn no_control_character_reaches_the_terminal() {
    let server = Server::remote(&["--allow", "printf"]);
    let mut client = remote_client(&server).start();
    client.types("printf 'a\\033[2Jb\\007\\rc\\302\\233d\\te\\n'\nexit\n");
    let ended = client.ends();
    assert_eq!(ended.stdout, ">>: a\u{fffd}[2Jb\u{fffd}c\u{fffd}d\te\n>>: ");
}

#[test]
fn help_says_what_each_program_does_with_an_example() {
    for name in [
        "framing",
        "framed-server",
        "framed-client",
        "remote-server",
        "remote-client",
    ] {
        let ended = Program::of(name).args(["--help"]).run();
        ended.code(0);
        assert!(ended.stdout.contains("\nexample: "), "{ended:#?}");
    }
}
