//! The means by which several faults are provoked.

use std::fs;
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tests::{ANSWER, Program, Running, kernel, peer, until};

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
        let program = program.injected_and_recorded(strace, rules, &record);
        (program, Self { folder })
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

/// The descriptors below a number that a program has not in use. What it has inherited may
/// lie above.
pub fn free_below(pid: u32, limit: usize) -> Vec<usize> {
    let is_free = |number: &usize| {
        let open = format!("/proc/{pid}/fd/{number}");
        fs::symlink_metadata(open).is_err()
    };
    (0..limit).filter(is_free).collect()
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

/// While this is measured, the program hardly uses the processor, nor would it like to: on a
/// busy machine a loop that never sleeps gets little of it.
#[track_caller]
pub fn burns_no_processor(running: &Running) {
    let before = kernel::processor_time(running.pid());
    let mut awake = 0;
    for _ in 0..100 {
        std::thread::sleep(Duration::from_millis(5)); // between two looks: it is measured
        awake += u32::from(!kernel::is_in_state(running.pid(), 'S'));
    }
    let used = kernel::processor_time(running.pid()) - before;
    let most = Duration::from_millis(50);
    assert!(
        used <= most && awake < 70,
        "a busy loop: {used:?}; awake at {awake} of 100 looks"
    );
}

/// How many threads and descriptors a program holds. Threads first: one that has ended has
/// closed its descriptors before.
pub fn held(pid: u32) -> (u64, usize) {
    (kernel::threads(pid), kernel::descriptors(pid))
}

/// What a program holds when it has been the same for fifty looks.
#[track_caller]
pub fn settles(pid: u32) -> (u64, usize) {
    let (mut last, mut looks) = (held(pid), 0);
    until("as many threads and descriptors all the time", || {
        let now = held(pid);
        looks = if now == last { looks + 1 } else { 0 };
        last = now;
        (looks == 50).then_some(now)
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

/// What the other side's thread has returned; or what it says when it has failed.
#[track_caller]
pub fn joined<T>(thread: JoinHandle<T>) -> T {
    thread.join().unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        let words = words.or(panic.downcast_ref::<&str>().copied());
        panic!("the other side: {}", words.unwrap_or("no words"))
    })
}

/// Sends a byte each millisecond, until the other side closes.
pub fn dawdles_until_hung_up_on(mut stream: TcpStream, bytes: impl AsRef<[u8]>) {
    let end = Instant::now() + ANSWER;
    let mut pieces = bytes.as_ref().chunks(10);
    while let Some(piece) = pieces.next()
        && peer::write_slowly(&mut stream, piece).is_ok()
    {
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
