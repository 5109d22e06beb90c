//! What is these programs' own of the table of faults (`tests/faults`): two peers and a keyboard.
//!
//! `select` and `poll` do the same by different calls, so they share the bodies.

use std::time::{Duration, Instant};

use tests::{ANSWER, Program, Running, peer};
#[cfg(target_os = "linux")]
use tests::{kernel, namespace, tool};

use crate::{Talk, client, program_for, redirected};

/// The call in which the program waits, by the name that strace knows.
#[cfg(target_os = "linux")]
fn waits_in(name: &str) -> &'static str {
    match name {
        "poll" => "?poll,?ppoll",
        _ => "?select,?_newselect,?pselect6",
    }
}

/// Talks in all directions, to see that everybody is still there.
fn goes_on(talk: &mut Talk) {
    talk.running.types("still there?\n");
    for stream in [&mut talk.first, &mut talk.second] {
        assert_eq!(peer::read_line(stream), "still there?\n");
    }
    peer::write(&mut talk.first, "one is\n");
    talk.running.line("first: one is");
    peer::write(&mut talk.second, "two is\n");
    talk.running.line("second: two is");
}

/// Only the second peer is left: it is heard, and hears.
fn the_second_goes_on(talk: &mut Talk) {
    talk.running.types("still there?\n");
    assert_eq!(peer::read_line(&mut talk.second), "still there?\n");
    peer::write(&mut talk.second, "I am\n");
    talk.running.line("second: I am");
}

fn pieces(name: &str) {
    let mut talk = Talk::start(name);
    peer::write_slowly(&mut talk.first, "é, slowly\n").expect("it reads");
    talk.running.line("first: é, slowly");
    // Two lines in one piece, and between them the other peer's.
    peer::write(&mut talk.first, "one\ntwo\nth");
    talk.running.line("first: one");
    talk.running.line("first: two");
    peer::write(&mut talk.second, "between\n");
    talk.running.line("second: between");
    peer::write(&mut talk.first, "ree\n");
    talk.running.line("first: three");
}

fn does_not_read(name: &str) {
    // More than all buffers on the way hold, from a file, which is always readable.
    let file = tempfile::NamedTempFile::new().expect("a file");
    let typed = vec![b'x'; 20_000_000];
    std::fs::write(file.path(), &typed).expect("written");
    let keyboard = format!("< '{}'", file.path().display());
    let mut talk = Talk::with(name, |program| {
        redirected(program.args(["--timeout", "0.2"]), &keyboard)
    });
    let mut second = talk.second.try_clone().expect("a second descriptor");
    let reading = std::thread::spawn(move || {
        let mut all = Vec::new();
        while all.len() < 20_000_000 {
            all.extend(peer::read_bytes(&mut second, 10_000));
        }
        all
    });
    // The first peer reads nothing of it. It is heard all the same, and so is the other.
    talk.running.line("0.2 seconds elapsed");
    peer::write(&mut talk.first, "I do not read\n");
    talk.running.line("first: I do not read");
    peer::write(&mut talk.second, "I do\n");
    talk.running.line("second: I do");
    // What it does not read waits in the file, and not in memory.
    #[cfg(target_os = "linux")]
    assert!(kernel::peak_kib(talk.running.pid()) < 12_000, "{name}");
    // At last it reads, and nothing is lost.
    assert!(peer::read_bytes(&mut talk.first, 20_000_000) == typed);
    assert!(reading.join().expect("no panic") == typed);
}

#[cfg(target_os = "linux")]
fn interrupted(name: &str) {
    let mut talk = Talk::start(name);
    for _ in 0..3 {
        talk.running.interrupt_its_call();
        goes_on(&mut talk);
    }
    // Each third wait, each third read, and each third write says EINTR.
    let strace = tool!("strace");
    let calls = format!(
        "{},read,recvfrom,sendto:error=EINTR:when=4+3",
        waits_in(name)
    );
    let mut talk = Talk::with(name, |program| program.injected(strace, &[&calls]));
    for _ in 0..3 {
        goes_on(&mut talk);
    }
}

#[cfg(target_os = "linux")]
fn spurious(name: &str) {
    // No call on a socket may wait: proc(5) shows the flags of a descriptor.
    let talk = Talk::start(name);
    let folder = format!("/proc/{}", talk.running.pid());
    let mut sockets = 0;
    for entry in std::fs::read_dir(format!("{folder}/fd")).expect("its descriptors") {
        let entry = entry.expect("a descriptor");
        let kind = std::fs::read_link(entry.path()).expect("what it is");
        if kind.to_string_lossy().starts_with("socket:") {
            let number = entry.file_name().into_string().expect("a number");
            let info = std::fs::read_to_string(format!("{folder}/fdinfo/{number}"));
            let info = info.expect("its flags");
            let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
            let flags = u32::from_str_radix(flags.expect("flags").trim(), 8);
            assert_ne!(flags.expect("octal") & 0o4000, 0, "{name}: O_NONBLOCK");
            sockets += 1;
        }
    }
    assert_eq!(sockets, 2);
    // select says readable, and recv has nothing: somebody else was faster, or a checksum
    // was wrong (select(2), BUGS). strace says it in place of the kernel.
    let strace = tool!("strace");
    for call in ["recvfrom", "sendto", "read"] {
        let inject = format!("{call}:error=EAGAIN:when=4+2");
        let mut talk = Talk::with(name, |program| program.injected(&strace, &[&inject]));
        for _ in 0..3 {
            goes_on(&mut talk);
        }
    }
}

/// With a send buffer of a few KiB and small packets, `write` takes a part of a piece (1,644
/// of 4,096 bytes), and the rest has to be sent later. Server and program share a network of
/// their own, where buffers are that small.
#[cfg(target_os = "linux")]
fn short_writes(name: &str) {
    let python = tool!("python3");
    if !namespace::allowed() {
        return;
    }
    let script = "
import socket, subprocess, sys, threading
servers = [socket.create_server(('127.0.0.1', 0)) for _ in 'ab']
first, second = ['127.0.0.1:%d' % s.getsockname()[1] for s in servers]
program = subprocess.Popen(sys.argv[1:] + [first, '--second', second],
                           stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
peers = [server.accept()[0] for server in servers]
data = b''.join(b'%08d' % n for n in range(20000))
came = {}
def read(peer):
    came[peer] = peer.recv(len(data), socket.MSG_WAITALL)
threads = [threading.Thread(target=read, args=[peer], daemon=True) for peer in peers]
[thread.start() for thread in threads]
program.stdin.write(data)
program.stdin.flush()
[thread.join(10) for thread in threads]
program.kill()
print([came.get(peer) == data for peer in peers])";
    let setup = "ip link set lo up
        ip link set lo mtu 600
        ip link set lo gso_max_segs 1 || true
        echo 4096 4096 4096 > /proc/sys/net/ipv4/tcp_wmem";
    let program = Program::of(name).through(python, ["-c", script]);
    let ended = namespace::around(program, setup).run();
    ended.code(0);
    assert_eq!(ended.stdout, "[True, True]\n", "{ended:?}");
}

fn closed(name: &str) {
    let mut talk = Talk::start(name);
    let second = talk.second.try_clone().expect("a second descriptor");
    drop(std::mem::replace(&mut talk.first, second));
    talk.running.line("[first has ended]");
    the_second_goes_on(&mut talk);
    the_second_goes_on(&mut talk);
    assert_eq!(talk.running.stderr(), "");
}

fn reset(name: &str) {
    let mut talk = Talk::start(name);
    peer::write(&mut talk.first, "half a li");
    let second = talk.second.try_clone().expect("a second descriptor");
    peer::reset(std::mem::replace(&mut talk.first, second));
    // The reset can overtake what was sent before it.
    let told = "[first is lost: connection reset by the peer (ECONNRESET)]";
    talk.running.line(told);
    the_second_goes_on(&mut talk);
}

/// A reset that arrives between a read and a write is told to the write, and to no read after
/// it: the kernel tells an error once.
#[cfg(target_os = "linux")]
pub fn lost_in_a_write(name: &str) {
    let strace = tool!("strace");
    let inject = "sendto:error=ECONNRESET:when=1";
    let mut talk = Talk::with(name, |program| program.injected(strace, &[inject]));
    talk.running.types("hello\n");
    assert_eq!(peer::read_line(&mut talk.second), "hello\n");
    let told = "[first is lost: connection reset by the peer (ECONNRESET)]";
    talk.running.line(told);
    the_second_goes_on(&mut talk);
}

fn closed_output(name: &str) {
    let (listeners, program) = program_for(name);
    let mut running = program.start_with_closed_output();
    let [mut first, second] = listeners.map(|listener| {
        let (stream, _) = listener.accept().expect("the program comes");
        peer::with_deadlines(stream)
    });
    peer::write(&mut first, "nobody hears this\n");
    running.types("hello\n");
    assert_eq!(peer::read_line(&mut first), "hello\n");
    drop((first, second));
    let ended = running.ends_within(ANSWER);
    ended.code(0);
    assert_eq!(ended.stderr, "");
}

#[cfg(target_os = "linux")]
fn full_disk(name: &str) {
    let (listeners, program) = program_for(name);
    let running = program.start_with_full_disk();
    let peers = listeners.map(|listener| {
        let (stream, _) = listener.accept().expect("the program comes");
        peer::with_deadlines(stream)
    });
    for mut peer in peers {
        peer::write(&mut peer, "nobody can keep this\n");
    }
    let ended = running.ends_within(ANSWER);
    ended
        .code(1)
        .complained("no space left on the device (ENOSPC)");
}

fn not_text(name: &str) {
    let mut talk = Talk::start(name);
    let (start, rest) = "é".as_bytes().split_at(1);
    peer::write(&mut talk.first, start);
    peer::write(&mut talk.second, b"\xff\xf4\xff\xfd\x06\0\x1b[31m\x07\n");
    talk.running.line("second: \u{fffd}\u{fffd}");
    peer::write(&mut talk.first, [rest, b"\n"].concat());
    talk.running.line("first: é");
    talk.running.types(b"\xff\0\n");
    assert_eq!(peer::read_bytes(&mut talk.first, 3), b"\xff\0\n");
    let printed = talk.running.printed();
    assert!(!printed.contains(&0x1b) && !printed.contains(&7), "{name}");
}

fn ends_on_signals(name: &str) {
    for signal in ["SIGINT", "SIGTERM", "SIGHUP"] {
        let mut talk = Talk::start(name);
        goes_on(&mut talk);
        let asked = Instant::now();
        talk.running.signal(signal.parse().expect("a signal"));
        let ended = talk.running.ends();
        assert!(asked.elapsed() < Duration::from_secs(1), "{ended:?}");
        ended.code(0);
        assert_eq!(ended.stderr, "");
        for mut stream in [talk.first, talk.second] {
            assert!(
                peer::read_to_end(&mut stream).is_empty(),
                "both see the end"
            );
        }
    }
}

/// While a peer takes nothing and the keyboard is full; and while it still connects.
#[cfg(target_os = "linux")]
fn ends_on_signals_when_busy(name: &str) {
    let mut talk = Talk::start(name);
    talk.running.types(vec![b'x'; 4096]);
    peer::write(&mut talk.second, "x".repeat(100_000));
    let asked = Instant::now();
    talk.running.interrupt();
    talk.running.ends().code(0);
    assert!(asked.elapsed() < Duration::from_secs(1));

    let (_listener, _queued, address) = peer::full_listener();
    let mut running = client(name, address).args(["--timeout", "20"]).start();
    running.line("No --second given");
    let asked = Instant::now();
    running.terminate();
    running.ends().code(0);
    assert!(asked.elapsed() < Duration::from_secs(1));
}

/// The program with all descriptors up to 1023 open, so that its own begin at 1024.
#[cfg(target_os = "linux")]
pub fn with_1024_descriptors(program: Program, python: std::path::PathBuf) -> Program {
    let script = tests::root().join("tests/10-select/many.py");
    program.through(python, [script])
}

#[cfg(target_os = "linux")]
fn listens_on_loopback(name: &str) {
    let mut running: Running = Program::of(name).start();
    running.line("second: Hello");
    let addresses = kernel::listening(running.pid());
    assert_eq!(addresses.len(), 2, "{addresses:?}");
    assert!(addresses.iter().all(|address| address.ip().is_loopback()));
}

mod select {
    use tests::no_way;

    const NAME: &str = "select";

    #[test]
    fn pieces_are_put_together() {
        super::pieces(NAME);
    }

    #[test]
    fn a_peer_that_does_not_read_stops_nobody_else() {
        super::does_not_read(NAME);
        #[cfg(target_os = "linux")]
        super::short_writes(NAME);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_interrupted_call_is_made_again() {
        super::interrupted(NAME);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_spurious_readiness_is_survived() {
        super::spurious(NAME);
    }

    #[test]
    fn a_peer_that_closed_ends_that_connection_only() {
        super::closed(NAME);
    }

    #[test]
    fn a_closed_output_is_no_panic() {
        super::closed_output(NAME);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_behind_its_output_is_told() {
        super::full_disk(NAME);
    }

    #[test]
    fn a_reset_in_the_middle_ends_that_connection_only() {
        super::reset(NAME);
    }

    #[test]
    fn bytes_that_are_not_text_are_no_panic() {
        super::not_text(NAME);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_connection_to_itself_is_refused() {
        // A practice server would take the only port.
        let second = ["--second", "127.0.0.1:1"];
        no_way::to_itself(|address| super::client(NAME, address).args(second));
    }

    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        super::ends_on_signals(NAME);
        #[cfg(target_os = "linux")]
        super::ends_on_signals_when_busy(NAME);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn it_listens_on_loopback_only() {
        super::listens_on_loopback(NAME);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_descriptor_above_fd_setsize_is_no_panic() {
        let python = tests::tool!("python3");
        let program = tests::Program::of(NAME).args(["--timeout", "0.1"]);
        let mut running = super::with_1024_descriptors(program, python).start();
        running.line("Ctrl+C ends");
        let ended = running.ends();
        ended.code(1).complained("is too large for select");
        assert!(ended.stderr.contains("--bin poll"), "{ended:?}");
    }
}

mod poll {
    use tests::no_way;

    const NAME: &str = "poll";

    #[test]
    fn pieces_are_put_together() {
        super::pieces(NAME);
    }

    #[test]
    fn a_peer_that_does_not_read_stops_nobody_else() {
        super::does_not_read(NAME);
        #[cfg(target_os = "linux")]
        super::short_writes(NAME);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_interrupted_call_is_made_again() {
        super::interrupted(NAME);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_spurious_readiness_is_survived() {
        super::spurious(NAME);
    }

    #[test]
    fn a_peer_that_closed_ends_that_connection_only() {
        super::closed(NAME);
    }

    #[test]
    fn a_closed_output_is_no_panic() {
        super::closed_output(NAME);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_behind_its_output_is_told() {
        super::full_disk(NAME);
    }

    #[test]
    fn a_reset_in_the_middle_ends_that_connection_only() {
        super::reset(NAME);
    }

    #[test]
    fn bytes_that_are_not_text_are_no_panic() {
        super::not_text(NAME);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_connection_to_itself_is_refused() {
        // A practice server would take the only port.
        let second = ["--second", "127.0.0.1:1"];
        no_way::to_itself(|address| super::client(NAME, address).args(second));
    }

    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        super::ends_on_signals(NAME);
        #[cfg(target_os = "linux")]
        super::ends_on_signals_when_busy(NAME);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn it_listens_on_loopback_only() {
        super::listens_on_loopback(NAME);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_descriptor_above_fd_setsize_is_no_panic() {
        let python = tests::tool!("python3");
        let program = tests::Program::of(NAME).args(["--timeout", "0.1"]);
        let mut running = super::with_1024_descriptors(program, python).start();
        running.line("second: Hello");
        running.types("hello\n");
        running.line("\"olleh\"");
        running.line("0.1 seconds elapsed");
    }
}

mod ready {
    use std::time::{Duration, Instant};

    use tests::{Program, tool};

    #[cfg(target_os = "linux")]
    #[test]
    fn an_interrupted_call_is_made_again() {
        let strace = tool!("strace");
        let inject = "?select,?_newselect,?pselect6:error=EINTR:when=1+2";
        let ended = Program::of("ready").injected(strace, &[inject]).run();
        ended.code(0);
        assert!(ended.stdout.contains("recv: 5 bytes"), "{ended:?}");
    }

    #[test]
    fn ctrl_c_and_sigterm_end_it_cleanly() {
        for signal in ["SIGINT", "SIGTERM"] {
            let mut running = Program::of("ready").start();
            running.line("a listener");
            let asked = Instant::now();
            running.signal(signal.parse().expect("a signal"));
            let ended = running.ends();
            assert!(asked.elapsed() < Duration::from_secs(1), "{ended:?}");
            ended.code(0);
            assert_eq!(ended.stderr, "");
        }
    }
}
