//! Lesson 16: Unix-domain sockets, IPv4 and IPv6 with one server, and ping.
#![cfg(unix)]

mod facts;
#[cfg(target_os = "linux")]
mod hosts;
mod names;
mod own_faults;
mod peers;
mod steps;
mod transcripts;

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use nix::unistd::{geteuid, getpid};
use socket2::{Domain, Protocol, Socket, Type};
use tempfile::TempDir;
use tests::{ANSWER, Program, Running, peer};

/// A server on a Unix-domain stream, and the folder of its file.
struct Server {
    running: Running,
    path: PathBuf,
    folder: TempDir,
}

impl Server {
    fn start() -> Self {
        Self::with(&[])
    }

    fn with(options: &[&str]) -> Self {
        Self::from(|program| program.args(options))
    }

    /// The server through another program, or with other arguments.
    fn from(change: impl FnOnce(Program) -> Program) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("sock");
        let program = server(&path);
        let mut running = change(program).start();
        running.line(&format!("Listening on {}", path.display()));
        Self {
            running,
            path,
            folder,
        }
    }

    /// A client that has been welcomed.
    fn welcomed(&self) -> UnixStream {
        let mut client = connect(&self.path);
        is_welcomed(&mut client);
        client
    }
}

/// The server as a program that has not started yet.
fn server(path: &Path) -> Program {
    Program::of("unix-stream").args([path])
}

/// Its client as a program that has not started yet.
fn client(path: &Path) -> Program {
    Program::of("unix-stream-client").args([path])
}

/// Connects, and gives every later read and write a deadline.
fn connect(path: &Path) -> UnixStream {
    with_deadlines(UnixStream::connect(path).expect("somebody listens"))
}

fn with_deadlines(stream: UnixStream) -> UnixStream {
    stream.set_read_timeout(Some(ANSWER)).expect("a deadline");
    stream.set_write_timeout(Some(ANSWER)).expect("a deadline");
    stream
}

fn is_welcomed(client: &mut UnixStream) {
    let (user, process) = (geteuid(), getpid());
    let welcome = format!("Welcome, user {user}, process {process}!\n");
    assert_eq!(peer::read_line(client), welcome);
}

fn is_answered(client: &mut UnixStream, line: &str) {
    client
        .write_all(format!("{line}\n").as_bytes())
        .expect("it is sent");
    assert_eq!(peer::read_line(client), format!("OK... {line}\n"));
}

/// A server for the client under test, on a thread of its own.
fn serve<T: Send + 'static>(
    serve: impl FnOnce(UnixStream) -> T + Send + 'static,
) -> (TempDir, PathBuf, std::thread::JoinHandle<T>) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sock");
    let listener = UnixListener::bind(&path).expect("a listener");
    let thread = std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a client");
        serve(with_deadlines(stream))
    });
    (folder, path, thread)
}

/// A socket's file that nobody listens at: what a server leaves that was killed.
fn stale(path: &Path) {
    drop(UnixListener::bind(path).expect("a file"));
    let kind = fs::symlink_metadata(path).expect("it is there").file_type();
    assert!(kind.is_socket());
}

/// Whatever a server does to others, this client is served.
fn serves(path: &Path) {
    let mut client = connect(path);
    is_welcomed(&mut client);
    is_answered(&mut client, "still here");
}

/// A listener with a full queue, and who fills it.
fn full(path: &Path) -> (socket2::Socket, Vec<UnixStream>) {
    let address = socket2::SockAddr::unix(path).expect("a path");
    let listener =
        socket2::Socket::new(socket2::Domain::UNIX, socket2::Type::STREAM, None);
    let listener = listener.expect("a socket");
    listener.bind(&address).expect("a name");
    listener.listen(0).expect("a queue for one");
    (
        listener,
        vec![UnixStream::connect(path).expect("room for one")],
    )
}

/// `dual-stack` on one address of the loopback, and a port of its own.
fn dual_stack() -> (Running, SocketAddr) {
    let mut running = Program::of("dual-stack").args(["127.0.0.1:0"]).start();
    let address = running.address();
    (running, address)
}

/// What `dual-stack` says to a new client.
fn told(address: SocketAddr) -> String {
    let mut client = peer::connect(address);
    let told = peer::read_line(&mut client);
    let own = client.local_addr().expect("our address");
    assert!(
        told.starts_with(&format!("You are {own}, over IPv")),
        "{told}"
    );
    assert_eq!(peer::read_to_end(&mut client), b"");
    told
}

/// What makes a program another user's, for setpriv; none where this test may not do that.
#[cfg(target_os = "linux")]
fn another_user() -> Option<(PathBuf, [&'static str; 3])> {
    let setpriv = tests::find_tool("setpriv")?;
    let other = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    let may = Program::at(&setpriv).args(other).args(["true"]).run();
    if may.code != Some(0) || !geteuid().is_root() {
        tests::skip("only root can be another user");
        return None;
    }
    Some((setpriv, other))
}

/// Whether this machine has IPv6 on its loopback.
fn ipv6_is_there() -> bool {
    let there = std::net::TcpListener::bind("[::1]:0").is_ok();
    if !there {
        tests::skip("this machine has no IPv6");
    }
    there
}

/// Whether this test itself may have raw sockets.
fn raw_is_allowed() -> bool {
    Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::ICMPV4)).is_ok()
}

#[test]
fn the_overview_shows_the_same_exchange_over_each_family() {
    let ended = Program::of("families").run();
    ended.code(0);
    assert_eq!(ended.stderr, "");
    let row = |kind: &str, what: &str| {
        let (_, rows) = ended.stdout.split_once(kind).expect(kind);
        let found = rows
            .lines()
            .find(|line| line.trim_start().starts_with(what));
        let found = found.unwrap_or_else(|| panic!("no row {what}: {ended:#?}"));
        let (_, told) = found.split_once(what).expect(what);
        told.trim().to_string()
    };
    let pair = row("hello there", "socketpair");
    assert_eq!(pair, "HELLO from an address without a name");
    for (kind, client) in [("SOCK_STREAM", false), ("SOCK_DGRAM", true)] {
        let file = row(kind, "Unix, file");
        assert!(file.starts_with("HELLO from /"), "{file}");
        assert_eq!(
            file.ends_with("to an address without a name"),
            !client,
            "{file}"
        );
        if cfg!(target_os = "linux") {
            let name = row(kind, "Unix, abstract");
            assert!(name.starts_with("HELLO from @server-"), "{name}");
        }
        let v4 = row(kind, "IPv4");
        assert!(v4.starts_with("HELLO from 127.0.0.1:"), "{v4}");
        if ipv6_is_there() {
            let v6 = row(kind, "IPv6");
            assert!(v6.starts_with("HELLO from [::1]:"), "{v6}");
        }
    }
    let raw = row("a socket for ping", "AF_INET SOCK_RAW");
    assert_eq!(raw == "yes", raw_is_allowed(), "{raw}");
}

#[test]
fn the_overview_leaves_no_file_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let above = folder.path().to_str().expect("UTF-8");
    for program in ["families", "unix-datagram"] {
        Program::of(program)
            .env("XDG_RUNTIME_DIR", above)
            .run()
            .code(0);
        let private = folder.path().join(format!("rust-sockets-{}", geteuid()));
        assert_eq!(fs::read_dir(private).expect("it is there").count(), 0);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn who_may_ping_is_told_with_the_right_that_it_takes() {
    if !hosts::allowed() {
        return;
    }
    for (setup, told) in [
        (hosts::DATAGRAMS, "yes"),
        ("", "permission denied (EACCES)"),
    ] {
        let setup = format!("ip link set lo up\n{setup}");
        let ended = tests::namespace::around(Program::of("families"), &setup).run();
        for family in ["AF_INET", "AF_INET6"] {
            let row = format!("  {:21} {told}\n", format!("{family} SOCK_DGRAM"));
            assert!(ended.stdout.contains(&row), "{row:?}: {ended:#?}");
        }
        assert!(ended.stdout.contains("net.ipv4.ping_group_range"));
        assert!(ended.stdout.contains("CAP_NET_RAW"));
    }
}

#[test]
fn a_server_on_a_file_welcomes_its_client_by_user_and_process() {
    let mut server = Server::start();
    let mut client = server.welcomed();
    server.running.line(&format!("user {} has come", geteuid()));
    for line in ["one", "", "three words here"] {
        is_answered(&mut client, line);
    }
}

#[test]
fn the_server_says_how_to_talk_to_it() {
    let mut server = Server::start();
    let path = server.path.display().to_string();
    assert_eq!(server.running.line("try: "), format!("try: nc -U {path}"));
}

#[test]
fn a_command_to_be_copied_is_quoted_for_a_shell() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a b.sock");
    let mut running = server(&path).start();
    let line = format!("try: nc -U '{}'", path.display());
    assert_eq!(running.line("try: "), line);
}

#[test]
fn the_file_is_for_its_user_alone_from_the_start_and_gone_at_the_end() {
    let mode = |path: &Path| {
        let mode = fs::symlink_metadata(path)
            .expect("a file")
            .permissions()
            .mode();
        mode & 0o777
    };
    let server = Server::start();
    assert_eq!(mode(&server.path), 0o600);
    server.running.interrupt();
    server.running.ends().code(0);
    assert!(!server.path.exists());
    let server = Server::with(&["--everybody"]);
    assert_eq!(mode(&server.path), 0o666);
    server.running.terminate();
    server.running.ends().code(0);
    assert!(!server.path.exists());
}

#[cfg(target_os = "linux")]
#[test]
fn the_file_never_had_another_mode() {
    let strace = tests::tool!("strace");
    let log = tempfile::NamedTempFile::new().expect("a file");
    let log_path = log.path().to_str().expect("UTF-8");
    let options = [
        "-D",
        "-f",
        "-qq",
        "-o",
        log_path,
        "-e",
        "trace=umask,bind,chmod,fchmodat",
    ];
    let server = Server::from(|program| program.through(strace, options));
    server.running.interrupt();
    server.running.ends().code(0);
    let calls = tests::until("strace has written", || {
        let calls = fs::read_to_string(log.path()).expect("the log");
        calls.contains("bind(").then_some(calls)
    });
    let at = |what: &str| {
        calls
            .find(what)
            .unwrap_or_else(|| panic!("{what}: {calls}"))
    };
    assert!(at("umask(0177)") < at("bind("), "{calls}");
    assert!(!calls.contains("chmod"), "{calls}");
}

#[test]
fn without_a_name_it_listens_in_a_private_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let above = folder.path().to_str().expect("UTF-8");
    let program = Program::of("unix-stream").env("XDG_RUNTIME_DIR", above);
    let mut running = program.start();
    let line = running.line("Listening on ");
    let private = folder.path().join(format!("rust-sockets-{}", geteuid()));
    let path = private.join("unix-stream");
    assert_eq!(line, format!("Listening on {}", path.display()));
    let mode = private.metadata().expect("a folder").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    is_welcomed(&mut connect(&path));
    // Somebody else's door: a folder that lets others in is not taken.
    running.interrupt();
    running.ends().code(0);
    fs::set_permissions(&private, fs::Permissions::from_mode(0o755)).expect("chmod");
    let program = Program::of("unix-stream").env("XDG_RUNTIME_DIR", above);
    let ended = program.run();
    ended.code(1).complained("is not this user's alone");
}

#[cfg(target_os = "linux")]
#[test]
fn an_abstract_name_has_no_file_and_is_free_when_its_server_has_gone() {
    use std::os::linux::net::SocketAddrExt;
    let name = format!("tests-{}", getpid());
    let program = || Program::of("unix-stream").args([format!("@{name}")]);
    for _ in 0..2 {
        let mut running = program().start();
        running.line(&format!("Listening on @{name}"));
        running.line(&format!("try: socat - ABSTRACT-CONNECT:{name}"));
        let address = std::os::unix::net::SocketAddr::from_abstract_name(&name);
        let address = address.expect("a name");
        let client = UnixStream::connect_addr(&address).expect("a listener");
        is_welcomed(&mut with_deadlines(client));
        let ended = program().run();
        ended
            .code(1)
            .complained("address already in use (EADDRINUSE)");
        let ended = Program::of("unix-stream-client")
            .args([format!("@{name}")])
            .run();
        ended.code(0);
        // Killed, it could not tidy up. It need not.
        running.signal(nix::sys::signal::Signal::SIGKILL);
        running.ends();
    }
}

#[test]
fn the_client_says_who_the_server_is_and_prints_its_answers() {
    let server = Server::start();
    let mut client = client(&server.path).start();
    let own = server.running.pid();
    let who = format!("The server is user {}, process {own}.", geteuid());
    if cfg!(target_os = "linux") {
        assert_eq!(client.line("The server is "), who);
    }
    client.line(&format!(
        "Welcome, user {}, process {}!",
        geteuid(),
        client.pid()
    ));
    for word in ["one", "two"] {
        client.types(format!("{word}\n"));
        client.line(&format!("OK... {word}"));
    }
    client.close_keyboard();
    client.ends().code(0);
}

#[test]
fn the_client_without_a_name_has_a_practice_server_at_the_end_of_a_socketpair() {
    let mut client = Program::of("unix-stream-client").start();
    client.line("socketpair");
    client.line("Welcome!");
    client.types("hello\nlast");
    client.close_keyboard();
    client.line("OK... hello");
    client.line("OK... last");
    client.ends().code(0);
}

#[test]
fn a_line_that_is_too_long_for_the_client_is_refused_and_not_cut_in_two() {
    let mut client = Program::of("unix-stream-client").start();
    client.line("Welcome!");
    client.types(format!("{}\n", "x".repeat(3999)));
    assert!(client.line("OK... ").ends_with("x"));
    client.types(format!("{}\n", "x".repeat(4000)));
    let ended = client.ends();
    ended.code(1).complained("a line may have 4000 bytes");
    assert_eq!(ended.stdout.matches("OK... ").count(), 1, "{ended:?}");
}

#[test]
fn unix_datagrams_are_kept_and_udps_are_lost() {
    let ended = Program::of("unix-datagram").run();
    ended.code(0);
    assert_eq!(ended.stderr, "");
    let rows: Vec<_> = ended.stdout.lines().collect();
    assert_eq!(rows.len(), 18, "{ended:#?}");
    for (number, row) in rows.iter().enumerate() {
        let start = ["", "  Unix  ", "  UDP   "][number % 3];
        assert!(row.starts_with(start), "{row}");
    }
    assert!(
        rows[1].ends_with("\"one\", \"two\", \"three\""),
        "{ended:#?}"
    );
    assert!(rows[4].ends_with("an address without a name"), "{ended:#?}");
    assert!(rows[5].contains("127.0.0.1:"), "{ended:#?}");
    assert!(rows[7].contains("/client-") && rows[7].ends_with("hears \"HELLO\""));
    assert!(rows[10].ends_with("connect: connection refused (ECONNREFUSED)"));
    if cfg!(target_os = "linux") {
        let length = fs::read_to_string("/proc/sys/net/unix/max_dgram_qlen");
        let length: usize = length.expect("a setting").trim().parse().expect("a number");
        // With a long queue (512 under systemd) the sender's buffer is full first.
        let told = |sent| format!("  Unix  {sent} are sent, {sent} of them arrive;");
        let sent = (11..=length + 1).find(|sent| rows[13].starts_with(&told(*sent)));
        assert!(sent.is_some(), "{ended:#?}");
        assert!(length > 50 || sent == Some(length + 1), "{ended:#?}");
        assert!(
            rows[14].starts_with("  UDP   1000 are sent, "),
            "{ended:#?}"
        );
        assert!(!rows[14].contains("1000 of them"), "{ended:#?}");
    }
    assert!(
        rows[17].ends_with("message too long (EMSGSIZE)"),
        "{ended:#?}"
    );
}

#[test]
fn the_dual_stack_server_says_over_which_family_a_client_has_come() {
    let (mut running, address) = dual_stack();
    let told_v4 = told(address);
    assert!(told_v4.ends_with(", over IPv4.\n"), "{told_v4}");
    running.line("has come over IPv4");
    if !ipv6_is_there() {
        return;
    }
    let mut running = Program::of("dual-stack").args(["[::1]:0"]).start();
    let told_v6 = told(running.address());
    assert!(told_v6.ends_with(", over IPv6.\n"), "{told_v6}");
    running.line("has come over IPv6");
}

#[test]
fn every_program_says_how_it_is_used() {
    for program in [
        "families",
        "unix-stream",
        "unix-stream-client",
        "unix-datagram",
        "dual-stack",
        "ping",
    ] {
        let ended = Program::of(program).args(["--help"]).run();
        ended.code(0);
        assert!(ended.stdout.contains("usage: ") && ended.stdout.contains("example: "));
        assert!(ended.stdout.lines().all(|line| line.chars().count() <= 90));
    }
}
