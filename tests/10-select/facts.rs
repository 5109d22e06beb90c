//! What tutorials get wrong about select and poll, and what chapter 10 says of the kernel,
//! on real sockets.

use std::io::{self, ErrorKind, PipeReader, Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::select::{FD_SETSIZE, FdSet, select};
use nix::sys::time::{TimeVal, TimeValLike};
use tests::{ANSWER, Program, peer, tool};

/// A connection: two sockets that block.
fn pair() -> (TcpStream, TcpStream) {
    let (listener, address) = peer::listener();
    let client = peer::connect(address);
    let (server, _) = listener.accept().expect("the client");
    (client, peer::with_deadlines(server))
}

/// Which of [readable, writable, exceptional] this descriptor is, after so long a wait.
fn sets_of(fd: BorrowedFd<'_>, wait: Duration) -> [bool; 3] {
    let mut asked = FdSet::new();
    asked.insert(fd);
    let [mut readable, mut writable, mut exceptional] = [asked; 3];
    let mut left = TimeVal::microseconds(wait.as_micros() as i64);
    select(
        None,
        &mut readable,
        &mut writable,
        &mut exceptional,
        &mut left,
    )
    .expect("select");
    [readable, writable, exceptional].map(|set| set.contains(fd))
}

/// Waits until the descriptor is readable.
fn becomes_readable(fd: BorrowedFd<'_>) {
    let mut readable = FdSet::new();
    readable.insert(fd);
    let mut left = TimeVal::seconds(ANSWER.as_secs() as i64);
    let count = select(None, &mut readable, None, None, &mut left).expect("select");
    assert_eq!(count, 1, "it never became readable");
}

const NOW: Duration = Duration::ZERO;

/// Claim: select says writable, so a write won't block.
/// Truth: a large write still may, where a nonblocking one takes a part and says how
/// much; a spurious readable is possible, too: use O_NONBLOCK (select(2), BUGS).
#[test]
fn select_says_writable_and_a_large_write_blocks_all_the_same() {
    let (mut client, mut server) = pair();
    assert!(sets_of(client.as_fd(), ANSWER)[1], "writable");
    let bytes = vec![b'x'; 30_000_000];
    let writing = std::thread::spawn(move || client.write_all(&bytes));
    // It would have returned long ago, had it not to wait for the reader.
    let mut start = [0; 1000];
    server.read_exact(&mut start).expect("its start arrives");
    assert!(!writing.is_finished(), "30 MB fit into the buffers");
    peer::read_bytes(&mut server, 30_000_000 - 1000);
    writing
        .join()
        .expect("no panic")
        .expect("now it is through");
}

/// Claim: select says writable, so a write won't block.
#[test]
fn a_nonblocking_write_takes_what_fits_and_then_says_would_block() {
    let (mut client, _server) = pair();
    client.set_nonblocking(true).expect("O_NONBLOCK");
    assert!(sets_of(client.as_fd(), ANSWER)[1], "writable");
    let count = client.write(&vec![b'x'; 30_000_000]).expect("some of it");
    assert!(count < 30_000_000, "{count}");
    let full = tests::until("the buffers are full", || {
        client.write(&[b'x'; 100_000]).err()
    });
    assert_eq!(full.kind(), ErrorKind::WouldBlock);
}

/// Claim: select says writable, so a write won't block.
#[test]
fn select_says_readable_and_there_is_nothing_when_another_was_faster() {
    let server = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let other = server.try_clone().expect("a second descriptor");
    let client = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let to = server.local_addr().expect("its address");
    client.send_to(b"for one of you", to).expect("it is sent");
    becomes_readable(server.as_fd());
    other.recv(&mut [0; 100]).expect("the other is faster");
    // Blocking, this would wait: here with a deadline, so that the test ends.
    let patience = Duration::from_millis(100);
    server.set_read_timeout(Some(patience)).expect("a deadline");
    let asked = Instant::now();
    let error = server.recv(&mut [0; 100]).expect_err("nothing is there");
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    assert!(asked.elapsed() >= patience, "it has waited");
    // O_NONBLOCK makes the same call harmless. (Both descriptors share that flag.)
    server.set_nonblocking(true).expect("O_NONBLOCK");
    let error = server.recv(&mut [0; 100]).expect_err("nothing is there");
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
}

#[test]
fn o_nonblock_belongs_to_the_open_socket_and_not_to_one_descriptor() {
    let (client, _server) = pair();
    let other = client.try_clone().expect("a second descriptor");
    client.set_nonblocking(true).expect("O_NONBLOCK");
    let error = (&other).read(&mut [0]).expect_err("nothing is there");
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
}

/// Claim: select takes any descriptor.
#[test]
fn a_safe_set_refuses_a_descriptor_of_1024_or_more() {
    assert_eq!(FD_SETSIZE, 1024);
    let python = tool!("python3");
    let script = "import select; select.select([1024], [], [], 0)";
    let ended = Program::at(python).args(["-c", script]).run();
    ended.code(1);
    let told = "ValueError: filedescriptor out of range in select()";
    assert!(ended.stderr.contains(told), "{ended:?}");
    // nix panics: in a process of its own, because the many open files would give the
    // other tests such descriptors, too.
    let test = "facts::fd_set_of_nix_is_given_a_descriptor_of_1024_or_more";
    let itself = std::env::current_exe().expect("the path of this test");
    let args = ["--exact", test, "--ignored", "--nocapture"];
    let ended = Program::at(itself).args(args).run();
    if let Some((_, reason)) = ended.stdout.split_once("may not: ") {
        tests::skip!("{}", reason.lines().next().unwrap_or_default());
    }
    ended.code(101);
    let told = "fd must be in the range 0..FD_SETSIZE";
    assert!(ended.stderr.contains(told), "{ended:?}");
}

#[test]
#[ignore = "it panics, as it should: the test above runs it"]
fn fd_set_of_nix_is_given_a_descriptor_of_1024_or_more() {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("RLIMIT_NOFILE");
    if hard < 2048 {
        return println!("may not: this user may open no more than {hard} files");
    }
    setrlimit(Resource::RLIMIT_NOFILE, 2048, hard).expect("below the hard limit");
    let open = || std::fs::File::open("/dev/null").expect("/dev/null");
    let files: Vec<_> = (0..1100).map(|_| open()).collect();
    let high = files.iter().find(|file| file.as_raw_fd() >= 1024);
    FdSet::new().insert(high.expect("1100 are open").as_fd());
}

/// Claim: select takes any descriptor.
/// Truth: one of 1024 (FD_SETSIZE) or more is undefined behaviour in C; safe wrappers
/// refuse it (select(2)).
#[test]
fn in_c_fd_set_of_1024_writes_behind_the_set() {
    let cc = tool!("cc");
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("set.c");
    let code = r#"
#include <stdio.h>
#include <sys/select.h>
int main(void) {
    struct { fd_set set; unsigned long neighbour; } both = { .neighbour = 0 };
    FD_ZERO(&both.set);
    volatile int number = 1024;
    FD_SET(number, &both.set);
    printf("%lu\n", both.neighbour);
}"#;
    std::fs::write(&source, code).expect("written");
    let program = folder.path().join("set");
    let args = ["-O0", "-U_FORTIFY_SOURCE", "-o"];
    let compiled = Program::at(cc).args(args).args([&program, &source]).run();
    compiled.code(0);
    let ended = Program::at(program).run();
    ended.code(0);
    assert_eq!(ended.stdout, "1\n", "a variable beside the set has changed");
}

#[test]
fn select_overwrites_its_sets_and_linux_its_timeout_too() {
    let (client, mut server) = pair();
    let mut readable = FdSet::new();
    readable.insert(client.as_fd());
    let mut left = TimeVal::milliseconds(50);
    let count = select(None, &mut readable, None, None, &mut left).expect("select");
    assert_eq!(count, 0);
    assert!(
        !readable.contains(client.as_fd()),
        "asked, and not in it any more"
    );
    assert_eq!(left.num_milliseconds(), 0, "nothing is left of the time");
    // The same set again asks for nobody. The time that is left, of a new one:
    server.write_all(b"x").expect("it is sent");
    let mut left = TimeVal::seconds(100);
    let mut again = FdSet::new();
    again.insert(client.as_fd());
    select(None, &mut again, None, None, &mut left).expect("select");
    assert!(again.contains(client.as_fd()));
    #[cfg(target_os = "linux")]
    assert!((1..100).contains(&left.num_seconds()), "{left:?}");
}

#[test]
fn poll_leaves_the_question_as_it_is_and_answers_beside_it() {
    let (client, mut server) = pair();
    let mut asked = [PollFd::new(client.as_fd(), PollFlags::POLLIN)];
    assert_eq!(poll(&mut asked, PollTimeout::ZERO), Ok(0));
    server.write_all(b"x").expect("it is sent");
    assert_eq!(poll(&mut asked, 5000u16), Ok(1));
    assert_eq!(asked[0].revents(), Some(PollFlags::POLLIN));
    assert_eq!(asked[0].events(), PollFlags::POLLIN);
    drop(server);
}

#[test]
fn poll_tells_a_hang_up_unasked() {
    let (reader, writer) = io::pipe().expect("a pipe");
    drop(writer);
    let mut asked = [PollFd::new(reader.as_fd(), PollFlags::empty())];
    assert_eq!(poll(&mut asked, 5000u16), Ok(1));
    assert_eq!(asked[0].revents(), Some(PollFlags::POLLHUP));
}

#[test]
fn a_connection_is_writable_nearly_always_so_asking_for_it_spins() {
    let (client, _server) = pair();
    let asked = Instant::now();
    for _ in 0..1000 {
        assert!(sets_of(client.as_fd(), ANSWER)[1]);
    }
    assert!(asked.elapsed() < ANSWER, "none of them has waited");
}

#[test]
fn a_regular_file_is_always_ready_also_at_its_end() {
    let file = tempfile::tempfile().expect("a file");
    let sets = sets_of(file.as_fd(), NOW);
    assert_eq!((sets[0], sets[1]), (true, true));
}

#[test]
fn a_stream_at_its_end_is_readable_for_ever() {
    let (client, server) = pair();
    drop(server);
    for _ in 0..3 {
        becomes_readable(client.as_fd());
        assert_eq!((&client).read(&mut [0]).expect("the end"), 0);
    }
}

#[test]
fn the_end_of_a_pipe_becomes_readable_when_its_writer_is_dropped() {
    let (mut bell, rope): (PipeReader, _) = io::pipe().expect("a pipe");
    assert!(!sets_of(bell.as_fd(), NOW)[0]);
    let ringing = std::thread::spawn(move || drop(rope));
    becomes_readable(bell.as_fd());
    assert_eq!(bell.read(&mut [0]).expect("the end"), 0);
    ringing.join().expect("no panic");
}

#[cfg(target_os = "linux")]
#[test]
fn a_closed_standard_input_is_opened_again_as_dev_null() {
    let (listeners, program) = crate::program_for("select");
    let running = crate::redirected(program, "<&-").start();
    let [first, second] = listeners.map(|listener| listener.accept().expect("it comes"));
    let link = std::fs::read_link(format!("/proc/{}/fd/0", running.pid()));
    assert_eq!(link.expect("a descriptor 0").to_str(), Some("/dev/null"));
    drop((first, second));
}

/// The signal finds the main thread in select, which returns EINTR. What has to be done
/// is the work of another thread, and may come later: so the pipe, and not EINTR, tells.
#[cfg(target_os = "linux")]
#[test]
fn a_signal_interrupts_select_and_the_pipe_says_why() {
    let strace = tool!("strace");
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log");
    let log = log.to_str().expect("UTF-8");
    let args = ["-f", "-o", log, "-e", "trace=?select,?_newselect,?pselect6"];
    let mut running = Program::of("select").through(strace, args).start();
    running.line("second: Hello");
    // The program is strace's child: the signal is for the child.
    let pid = running.pid();
    let children = format!("/proc/{pid}/task/{pid}/children");
    let child = tests::until("strace's child", || {
        let child = std::fs::read_to_string(&children).ok()?;
        child.trim().parse::<i32>().ok()
    });
    tests::until("it waits", || {
        let text = std::fs::read_to_string(log).ok()?;
        text.trim_end().ends_with("NULL").then_some(())
    });
    let child = nix::unistd::Pid::from_raw(child);
    nix::sys::signal::kill(child, nix::sys::signal::SIGINT).expect("our own child");
    running.ends().code(0);
    let text = std::fs::read_to_string(log).expect("the log");
    let (_, after) = text
        .split_once("ERESTARTNOHAND")
        .expect("it is interrupted");
    assert!(
        after.contains("(in ["),
        "and the next call finds the pipe: {text}"
    );
}

#[test]
fn urgent_data_is_exceptional_and_travels_past_the_stream() {
    let (client, server) = pair();
    let server = socket2::SockRef::from(&server);
    server.send(b"before").expect("it is sent");
    server.send_out_of_band(b"!").expect("it is sent");
    server.send(b"behind").expect("it is sent");
    tests::until("it is exceptional", || {
        sets_of(client.as_fd(), NOW)[2].then_some(())
    });
    let mut byte = [std::mem::MaybeUninit::uninit(); 10];
    let count = socket2::SockRef::from(&client).recv_out_of_band(&mut byte);
    assert_eq!(count.expect("the urgent byte"), 1);
    assert!(!sets_of(client.as_fd(), NOW)[2], "taken");
    let stream = peer::read_bytes(&mut &client, 12);
    assert_eq!(stream, b"beforebehind", "it is not in the stream");
}

#[test]
fn only_the_last_byte_of_several_is_urgent() {
    let (client, server) = pair();
    let server = socket2::SockRef::from(&server);
    server.send_out_of_band(b"abc").expect("it is sent");
    tests::until("it is exceptional", || {
        sets_of(client.as_fd(), NOW)[2].then_some(())
    });
    assert_eq!(peer::read_bytes(&mut &client, 2), b"ab");
}
