//! The means by which several faults are provoked.

use std::fs;
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal::{SIGCONT, SIGSTOP};
use tests::{ANSWER, Program, Running, kernel, peer, until};

/// Waits until all threads of a program sleep (S) or are stopped (T): proc_pid_stat(5).
#[track_caller]
pub fn comes_to_state(running: &Running, state: char) {
    let tasks = format!("/proc/{}/task", running.pid());
    until(&format!("the state {state}"), || {
        let all = fs::read_dir(&tasks).ok()?.all(|task| {
            let file = task.expect("a thread").path().join("stat");
            let text = fs::read_to_string(file).unwrap_or_default(); // it may just end
            let after_the_name = text.rsplit_once(") ").map(|(_, rest)| rest);
            after_the_name.is_none_or(|rest| rest.starts_with(state))
        });
        all.then_some(())
    });
}

/// Stops a program: its kernel goes on answering for it.
#[track_caller]
pub fn stop(running: &Running) {
    running.signal(SIGSTOP);
    comes_to_state(running, 'T');
}

/// Lets a stopped program go on.
pub fn go_on(running: &Running) {
    running.signal(SIGCONT);
}

/// Stops a program that waits in a call, and lets it go on. The call is then interrupted,
/// where it has a timeout or is a select, poll or epoll: EINTR, signal(7). A SIGSTOP that
/// nobody has noticed yet would be taken back by SIGCONT, so each is waited for.
#[track_caller]
pub fn interrupt_its_call(running: &Running) {
    comes_to_state(running, 'S');
    stop(running);
    go_on(running);
    comes_to_state(running, 'S');
}

/// strace, which answers some calls with an error instead of making them, and its record.
pub struct Injection {
    folder: tempfile::TempDir,
}

impl Injection {
    /// `rules` are strace's: `accept,accept4:error=ECONNABORTED:when=1`.
    pub fn into(
        program: Program,
        strace: PathBuf,
        rules: &[&str],
    ) -> (Program, Injection) {
        let folder = tempfile::tempdir().expect("a folder");
        let record = folder.path().join("record");
        // -D: the program is our child, and strace its grandchild, so that signals arrive.
        let mut options = ["-D", "-f", "-qq", "-o"].map(String::from).to_vec();
        options.push(record.display().to_string());
        for rule in rules {
            options.extend(["-e".to_string(), format!("inject={rule}")]);
        }
        (program.through(strace, options), Self { folder })
    }

    /// Waits until an error was injected: else the test would show nothing.
    #[track_caller]
    pub fn has_happened(&self) {
        let record = self.folder.path().join("record");
        until("an injected error", || {
            let text = fs::read_to_string(&record).unwrap_or_default();
            text.contains("(INJECTED)").then_some(())
        });
    }
}

/// Sets the soft limit of descriptors of a program that runs.
#[track_caller]
pub fn limit_descriptors(prlimit: &Path, running: &Running, limit: usize) {
    let args = [
        format!("--pid={}", running.pid()),
        format!("--nofile={limit}:"),
    ];
    Program::at(prlimit).args(args).run().code(0);
}

/// While this is measured, the program hardly uses the processor.
#[track_caller]
pub fn burns_no_processor(running: &Running) {
    let before = kernel::processor_time(running.pid());
    std::thread::sleep(Duration::from_millis(500)); // the time that is measured
    let used = kernel::processor_time(running.pid()) - before;
    let most = Duration::from_millis(50);
    assert!(used <= most, "a busy loop: {used:?} of 500 ms");
}

/// The address of a server whose output nobody reads.
#[track_caller]
pub fn listens_unseen(running: &Running) -> SocketAddr {
    // The kernel's table is long on a machine with many connections.
    tests::until_within(tests::WHOLE, "it listens", || {
        kernel::listening(running.pid()).pop()
    })
}

/// Writes until nothing more is taken; false, where 64 MB are. The stream's writes have a
/// deadline.
pub fn writes_until_stuck(stream: &mut TcpStream, bytes: &[u8]) -> bool {
    let few = Some(Duration::from_millis(200));
    stream.set_write_timeout(few).expect("a timeout");
    let times = 64_000_000 / bytes.len();
    (0..times).any(|_| stream.write_all(bytes).is_err())
}

/// Sends a byte each millisecond and never a line end, until the other side closes.
pub fn dawdles_until_hung_up_on(mut stream: TcpStream) {
    let end = Instant::now() + ANSWER;
    while peer::write_slowly(&mut stream, "xxxxxxxxxx").is_ok() {
        assert!(
            Instant::now() < end,
            "nobody has hung up on a dripping peer"
        );
    }
}

/// The port is free at once for one who listens as a server does.
#[track_caller]
pub fn is_free(address: SocketAddr) {
    let listener = std::net::TcpListener::bind(address);
    listener.unwrap_or_else(|error| panic!("{address} is not free: {error}"));
}
