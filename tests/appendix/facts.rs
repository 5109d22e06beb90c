//! The differences that bite: each sentence of the appendix is a test. What it says of
//! Python is asked of `facts.py`, and what it says of C of `facts.c`.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv6Addr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, SockRef, Socket, Type};
use tests::{Program, peer, tool};

use crate::neighbours::compiled;

/// What `facts.py NAME ARGUMENTS` prints.
fn python(interpreter: std::path::PathBuf, args: &[&str]) -> String {
    let script = tests::root().join("tests/appendix/facts.py");
    let ended = Program::at(interpreter).args([script]).args(args).run();
    ended.code(0);
    ended.stdout.trim_end().to_string()
}

/// What `facts.c NAME` prints, and its exit code; none where there is no C compiler.
fn c(name: &str) -> Option<(String, Option<i32>)> {
    let program = compiled("facts.c")?;
    let ended = Program::at(program.path()).args([name]).run();
    Some((ended.stdout.trim_end().to_string(), ended.code))
}

/// The two ends of a connection over loopback, with deadlines.
fn connection() -> (TcpStream, TcpStream) {
    let (listener, address) = peer::listener();
    let ours = peer::connect(address);
    let (theirs, _) = listener.accept().expect("it is in the queue");
    (ours, peer::with_deadlines(theirs))
}

// ---- Bytes and text --------------------------------------------------------------------

#[test]
fn python_refuses_to_send_text_and_to_decode_half_a_character() {
    // Rust's send takes &[u8]: the same mistake does not compile.
    let told = python(tool!("python3"), &["sends_text"]);
    assert_eq!(told, "TypeError\nUnicodeDecodeError");
}

#[test]
fn a_character_can_arrive_in_two_pieces() {
    let (mut ours, mut theirs) = connection();
    let mut piece = [0; 1];
    peer::write(&mut ours, "é");
    theirs
        .read_exact(&mut piece)
        .expect("the first of two bytes");
    let error = str::from_utf8(&piece).expect_err("half a character");
    assert_eq!(error.error_len(), None, "more bytes are needed");
    let mut both = piece.to_vec();
    both.extend(peer::read_bytes(&mut theirs, 1));
    assert_eq!(str::from_utf8(&both), Ok("é"));
}

#[test]
fn the_end_is_ok_0_and_so_is_a_read_into_an_empty_buffer() {
    let (mut ours, mut theirs) = connection();
    peer::write(&mut theirs, "hello");
    let mut full_of_promise = Vec::with_capacity(1024); // and its length is 0
    let count = ours.read(&mut full_of_promise).expect("no error");
    assert_eq!(count, 0, "although bytes are there");
    assert_eq!(peer::read_bytes(&mut ours, 5), b"hello");
    drop(theirs);
    assert_eq!(ours.read(&mut [0; 1024]).expect("the end"), 0);
    assert_eq!(python(tool!("python3"), &["ends"]), "b''\nb''");
}

// ---- Timeouts --------------------------------------------------------------------------

fn is_nonblocking(socket: &impl std::os::fd::AsFd) -> bool {
    use nix::fcntl::{FcntlArg, OFlag, fcntl};
    let flags = fcntl(socket, FcntlArg::F_GETFL).expect("a descriptor has flags");
    OFlag::from_bits_retain(flags).contains(OFlag::O_NONBLOCK)
}

#[test]
fn a_timeout_makes_the_descriptor_nonblocking_in_python_and_not_in_rust() {
    let (ours, _theirs) = connection();
    assert!(ours.read_timeout().expect("getsockopt").is_some());
    assert!(!is_nonblocking(&ours));
    let told = python(tool!("python3"), &["timeout_and_descriptor"]);
    assert_eq!(told, "False True 5.0");
}

#[test]
fn the_timeouts_of_reads_and_writes_are_two() {
    let (ours, _theirs) = connection();
    ours.set_write_timeout(None).expect("setsockopt");
    ours.set_read_timeout(Some(Duration::from_secs(3)))
        .expect("setsockopt");
    assert_eq!(ours.write_timeout().expect("getsockopt"), None);
}

#[test]
fn a_read_that_took_too_long_is_would_block() {
    // On Windows it is TimedOut: a program that runs on both looks for both.
    let (mut ours, _theirs) = connection();
    ours.set_read_timeout(Some(Duration::from_millis(20)))
        .expect("setsockopt");
    let error = ours.read(&mut [0]).expect_err("nothing comes");
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
}

#[cfg(target_os = "linux")]
#[test]
fn a_connect_that_took_too_long_is_timed_out() {
    let (_listener, _queued, address) = peer::full_listener();
    let limit = Duration::from_millis(50);
    let error = TcpStream::connect_timeout(&address, limit).expect_err("no answer");
    assert_eq!(error.kind(), ErrorKind::TimedOut);
}

#[test]
fn a_timeout_of_zero_is_an_error_in_rust_and_nonblocking_in_python() {
    let (ours, _theirs) = connection();
    let error = ours
        .set_read_timeout(Some(Duration::ZERO))
        .expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let told = python(tool!("python3"), &["timeout_of_zero"]);
    assert_eq!(told, "False BlockingIOError");
}

#[cfg(target_os = "linux")]
#[test]
fn accept_can_time_out_in_python_and_in_rust_with_the_read_timeout() {
    let (listener, _) = peer::listener();
    let limit = Duration::from_millis(50);
    SockRef::from(&listener)
        .set_read_timeout(Some(limit))
        .expect("setsockopt");
    let error = listener.accept().expect_err("nobody comes");
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    let told = python(tool!("python3"), &["timeout_of_accept"]);
    assert_eq!(told, "TimeoutError");
}

/// A listener with a small receive buffer, and a thread that reads its one client slowly:
/// never a pause of 400 ms, but 400,000 bytes take longer than that.
fn slow_reader() -> (SocketAddr, thread::JoinHandle<usize>) {
    let (listener, address) = peer::listener();
    SockRef::from(&listener)
        .set_recv_buffer_size(16_384)
        .expect("SO_RCVBUF");
    let reading = thread::spawn(move || {
        let (mut client, _) = listener.accept().expect("a client");
        let (start, mut all) = (Instant::now(), 0);
        let mut buffer = [0; 32_768];
        while let Ok(count @ 1..) = client.read(&mut buffer) {
            all += count;
            // Not a wait for anything: the dawdling itself.
            let due = Duration::from_micros(2 * all as u64);
            thread::sleep(due.saturating_sub(start.elapsed()));
        }
        all
    });
    (address, reading)
}

#[test]
fn sendalls_timeout_is_for_all_of_it_and_write_alls_for_each_write() {
    let python3 = tool!("python3");
    let (address, reading) = slow_reader();
    let mut ours = peer::connect(address);
    SockRef::from(&ours)
        .set_send_buffer_size(16_384)
        .expect("SO_SNDBUF");
    ours.set_write_timeout(Some(Duration::from_millis(400)))
        .expect("SO_SNDTIMEO");
    let start = Instant::now();
    ours.write_all(&[0; 400_000])
        .expect("each write makes some way");
    assert!(
        start.elapsed() > Duration::from_millis(400),
        "{:?}",
        start.elapsed()
    );
    drop(ours);
    assert_eq!(reading.join().expect("no panic"), 400_000);

    let (address, reading) = slow_reader();
    let told = python(python3, &["sendall_to", &address.to_string()]);
    assert_eq!(told, "TimeoutError");
    let arrived = reading.join().expect("no panic");
    assert!(
        (1..400_000).contains(&arrived),
        "{arrived}: a part, nobody knows which"
    );
}

// ---- The end of a socket ---------------------------------------------------------------

#[test]
fn the_last_owner_closes_in_rust_and_the_collector_in_python_with_a_warning() {
    let (ours, mut theirs) = connection();
    let second = ours.try_clone().expect("dup");
    drop(ours);
    theirs
        .set_read_timeout(Some(Duration::from_millis(20)))
        .expect("setsockopt");
    assert!(theirs.read(&mut [0]).is_err(), "the clone keeps it open");
    drop(second);
    assert_eq!(theirs.read(&mut [0]).expect("the end"), 0);
    let told = python(tool!("python3"), &["forgets"]);
    assert_eq!(told, "['ResourceWarning'] b''");
}

#[test]
fn pythons_close_waits_for_the_files_made_of_the_socket() {
    let told = python(tool!("python3"), &["closes_with_a_file_open"]);
    assert_eq!(told, "TimeoutError\nb''");
}

// ---- Signals ---------------------------------------------------------------------------

/// Not a test: the process that the tests below stop and let go on. With a timeout on the
/// socket, that interrupts the call (signal(7)): no handler is needed to see it.
#[cfg(target_os = "linux")]
#[test]
#[ignore = "a helper of other tests, which start it"]
fn waits_in_a_process_of_its_own() {
    struct Telling(TcpStream);
    impl Read for Telling {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0
                .read(buffer)
                .inspect_err(|error| println!("\n{:?}", error.kind()))
        }
    }
    let (listener, address) = peer::listener();
    let plain = Socket::from(listener.try_clone().expect("dup"));
    plain
        .set_read_timeout(Some(tests::ANSWER))
        .expect("SO_RCVTIMEO");
    println!("\nListening on {address}");
    let mut stream = Telling(listener.accept().expect("the test").0);
    stream
        .0
        .set_read_timeout(Some(tests::ANSWER))
        .expect("SO_RCVTIMEO");
    println!("\nready");
    let mut buffer = [0; 5];
    match std::env::var("CALL").expect("which").as_str() {
        "read" => drop(stream.read(&mut buffer).expect_err("not made again")),
        "read_exact" => {
            stream.read_exact(&mut buffer).expect("made again");
            assert_eq!(&buffer, b"hello");
        }
        "accept of socket2" => {
            let error = plain.accept().expect_err("not made again");
            println!("\n{:?}", error.kind());
        }
        "accept of std" => drop(listener.accept().expect("made again")),
        other => panic!("{other}"),
    }
    println!("\nends well");
}

/// Interrupts a call in that process until `enough`, does what lets it end, and waits for it.
#[cfg(target_os = "linux")]
fn interrupted(
    call: &str,
    mut enough: impl FnMut(&str) -> bool,
    then: impl FnOnce(&mut TcpStream, SocketAddr),
) {
    use nix::sys::signal::Signal::{SIGCONT, SIGSTOP};
    let this = std::env::current_exe().expect("the test's own program");
    let mut waiting = Program::at(this)
        .args(["--ignored", "--nocapture", "--exact"])
        .args(["facts::waits_in_a_process_of_its_own"])
        .env("CALL", call)
        .start();
    let address = waiting.address();
    let mut client = peer::connect(address);
    waiting.line("ready");
    tests::until("the call is interrupted", || {
        waiting.signal(SIGSTOP);
        waiting.signal(SIGCONT);
        enough(&String::from_utf8_lossy(&waiting.printed())).then_some(())
    });
    then(&mut client, address);
    waiting.line("ends well");
    waiting.ends().code(0);
}

#[cfg(target_os = "linux")]
#[test]
fn an_interrupted_read_is_an_error_in_rust() {
    interrupted("read", |printed| printed.contains("Interrupted"), |_, _| {});
}

#[cfg(target_os = "linux")]
#[test]
fn an_interrupted_read_is_made_again_by_read_exact() {
    let seen = |printed: &str| printed.contains("Interrupted");
    interrupted("read_exact", seen, |client, _| peer::write(client, "hello"));
}

#[cfg(target_os = "linux")]
#[test]
fn an_interrupted_accept_is_an_error_in_socket2_and_made_again_by_std() {
    let call = "accept of socket2";
    interrupted(call, |printed| printed.contains("Interrupted"), |_, _| {});
    // std does not tell: as many interruptions as have always been enough above.
    let mut times = 0;
    let enough = |_: &str| {
        times += 1;
        times > 50
    };
    interrupted("accept of std", enough, |_, address| {
        peer::connect(address);
    });
}

#[test]
fn an_interrupted_recv_is_made_again_by_python() {
    let told = python(tool!("python3"), &["interrupted"]);
    assert_eq!(told, "b'hello' True");
}

/// Claim: A write after the peer closed fails.
#[test]
fn a_write_to_a_closed_peer_is_an_error_in_rust_and_python_and_kills_c() {
    let (mut ours, theirs) = connection();
    drop(theirs);
    let error = tests::until("the answer to the first write", || ours.write(b"1").err());
    assert_eq!(
        error.kind(),
        ErrorKind::BrokenPipe,
        "and this program still runs"
    );
    let told = python(tool!("python3"), &["writes_to_the_dead"]);
    assert_eq!(told, "BrokenPipeError");
    let Some((printed, code)) = c("writes_to_the_dead") else {
        return;
    };
    assert_eq!(
        (printed.as_str(), code),
        ("before", None),
        "a signal ended it"
    );
    let with_flag = c("writes_to_the_dead_without_a_signal").expect("a compiler");
    assert_eq!(with_flag, ("-1 EPIPE".to_string(), Some(0)));
}

// ---- Errors ----------------------------------------------------------------------------

#[test]
fn the_table_of_errors_says_what_python_and_rust_call_them() {
    let rows: Vec<Vec<String>> = crate::tables::rows()
        .into_iter()
        .filter(|row| row[0].starts_with("`E"))
        .collect();
    assert!(rows.len() >= 14, "{rows:?}");
    let names: Vec<_> = rows.iter().map(|row| row[0].trim_matches('`')).collect();
    let args: Vec<_> = ["exceptions"].into_iter().chain(names).collect();
    let told = python(tool!("python3"), &args);
    for (row, told) in rows.iter().zip(told.lines()) {
        let [name, number, class] = told.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{told}")
        };
        assert_eq!(row[0], format!("`{name}`"));
        assert_eq!(row[1], format!("`{class}`"), "{name}");
        let number = number.parse().expect("a number");
        let kind = format!("`{:?}`", io::Error::from_raw_os_error(number).kind());
        let kind = if kind == "`Uncategorized`" {
            "none"
        } else {
            &kind
        };
        assert_eq!(row[2], kind, "{name}");
    }
}

// ---- Defaults --------------------------------------------------------------------------

#[test]
fn descriptors_are_closed_on_exec_in_rust_and_python_and_not_in_c() {
    use nix::fcntl::{FcntlArg, FdFlag, fcntl};
    let (ours, theirs) = connection();
    let made = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    let copy = made.try_clone().expect("dup");
    let sockets: [&dyn std::os::fd::AsFd; 4] = [&ours, &theirs, &made, &copy];
    for socket in sockets {
        let flags = fcntl(socket.as_fd(), FcntlArg::F_GETFD).expect("flags");
        assert!(FdFlag::from_bits_retain(flags).contains(FdFlag::FD_CLOEXEC));
    }
    let told = python(tool!("python3"), &["inheritable"]);
    assert_eq!(told, "False False False");
    if let Some(told) = c("close_on_exec") {
        assert_eq!(told, ("0 1".to_string(), Some(0)));
    }
}

/// Claim: The backlog hardly matters.
#[cfg(target_os = "linux")]
#[test]
fn the_queue_is_128_long_in_std_and_pythons_listen_and_5_in_socketserver() {
    let python3 = tool!("python3");
    let ss = tool!("ss");
    let (_listener, address) = peer::listener();
    let filter = format!("sport = :{}", address.port());
    let ended = Program::at(ss).args(["-Hltn", &filter]).run();
    let columns: Vec<_> = ended.stdout.split_whitespace().collect();
    assert_eq!(
        columns[2], "128",
        "Send-Q of a listener is its limit: {ended:?}"
    );
    assert_eq!(python(python3, &["backlogs"]), "128 128 5");
}

#[test]
fn reuse_address_is_set_by_std_and_create_server_and_not_by_socket2_and_tcp_server() {
    let (std, _) = peer::listener();
    assert!(SockRef::from(&std).reuse_address().expect("getsockopt"));
    let plain = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    assert!(!plain.reuse_address().expect("getsockopt"));
    let told = python(tool!("python3"), &["reuse_address"]);
    assert_eq!(told, "False True False");
}

#[cfg(target_os = "linux")]
#[test]
fn a_listener_on_all_ipv6_addresses_takes_ipv4_too_but_not_in_create_server() {
    let Ok(listener) = TcpListener::bind((Ipv6Addr::UNSPECIFIED, 0)) else {
        tests::skip!("this machine has no IPv6");
    };
    assert!(!SockRef::from(&listener).only_v6().expect("getsockopt"));
    let port = listener.local_addr().expect("its address").port();
    drop(peer::connect(("127.0.0.1", port)));
    let (_, from) = listener.accept().expect("the IPv4 client");
    assert_eq!(
        from.ip().to_canonical(),
        "127.0.0.1".parse::<std::net::IpAddr>().expect("ip")
    );
    assert!(from.is_ipv6(), "{from}: an IPv4 address in IPv6 writing");
    assert_eq!(
        python(tool!("python3"), &["dual_stack"]),
        "False True False"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn an_accepted_socket_blocks_although_its_listener_does_not() {
    let (listener, address) = peer::listener();
    listener.set_nonblocking(true).expect("O_NONBLOCK");
    let _ours = peer::connect(address);
    let (theirs, _) = tests::until("a client", || listener.accept().ok());
    assert!(
        !is_nonblocking(&theirs),
        "macOS and the BSDs inherit the flag"
    );
    let told = python(tool!("python3"), &["accepted_from_a_nonblocking_listener"]);
    assert_eq!(told, "True True");
}

// ---- Names and numbers -----------------------------------------------------------------

#[test]
fn an_address_holds_a_name_in_python_and_never_in_rust() {
    assert!("localhost:80".parse::<SocketAddr>().is_err());
    assert!("localhost:80".to_socket_addrs().is_ok());
    let told = python(tool!("python3"), &["names_in_addresses"]);
    assert_eq!(told, "127.0.0.1");
}

/// Claim: gethostbyname is how to resolve.
#[test]
fn connect_of_std_tries_all_addresses() {
    let (_listener, alive) = peer::listener();
    let addresses = [peer::dead_port(), alive];
    let stream = TcpStream::connect(&addresses[..]).expect("the second one answers");
    assert_eq!(stream.peer_addr().expect("its address"), alive);
}

#[cfg(target_os = "linux")]
#[test]
fn connect_of_python_tries_one_address_and_create_connection_all() {
    let python3 = tool!("python3");
    if !tests::namespace::allowed() {
        return;
    }
    let hosts = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(hosts.path(), "127.0.0.2 two-homes\n127.0.0.1 two-homes\n")
        .expect("written");
    let script = tests::root().join("tests/appendix/facts.py");
    let program = Program::at(python3)
        .args([script])
        .args(["a_name_with_two_addresses"]);
    let setup = format!("mount --bind {} /etc/hosts", hosts.path().display());
    let ended = tests::namespace::with_files(program, &setup).run();
    ended.code(0);
    assert_eq!(ended.stdout, "ConnectionRefusedError True\n");
}

#[test]
fn a_forgotten_htons_is_another_port_in_c_and_there_is_none_to_forget_in_rust() {
    assert_eq!(SocketAddr::from(([127, 0, 0, 1], 8888)).port(), 8888);
    assert_eq!(8888_u16.swap_bytes(), 47138);
    if let Some((printed, _)) = c("forgets_htons") {
        let expected = if cfg!(target_endian = "little") {
            "47138"
        } else {
            "8888"
        };
        assert_eq!(printed, expected);
    }
}
