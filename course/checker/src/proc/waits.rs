//! In which calls a process waits, and how long: /proc/PID/task/TID/syscall (proc(5)).

use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::time::Duration;

/// The timeouts of the calls in which threads of a process wait until something comes: poll(2)
/// and its kin, and those that sleep. One without a timeout has none, as has a call that only looks.
pub fn of(pid: u32) -> Vec<Duration> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task"))
        .into_iter()
        .flatten();
    let waits = tasks.flatten().filter_map(|task| {
        let text = fs::read_to_string(task.path().join("syscall")).ok()?;
        wait_of(&text, |at| timespec(pid, at))
    });
    waits.filter(|one| !one.is_zero()).collect()
}

/// The timeout of a call, by its number and its arguments, which stand in the line; `read` gives
/// those that the kernel has in memory.
fn wait_of(line: &str, read: impl Fn(u64) -> Option<Duration>) -> Option<Duration> {
    let (number, args) = line.split_once(' ')?;
    let argument = |index: usize| {
        let word = args.split_whitespace().nth(index)?;
        u64::from_str_radix(word.strip_prefix("0x")?, 16).ok()
    };
    // A negative one, which waits for ever, has no milliseconds.
    let milliseconds = |index| {
        let count = u32::try_from(argument(index)? & 0xffff_ffff).ok()?;
        let count = u64::try_from(count.cast_signed()).ok()?;
        Some(Duration::from_millis(count))
    };
    let number: i64 = number.parse().ok()?;
    match calls::KINDS.iter().find(|(call, ..)| *call == number)? {
        (_, index, Timeout::Milliseconds) => milliseconds(*index),
        (_, index, Timeout::Memory) => read(argument(*index)?),
    }
}

/// How a call takes its timeout.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(
    not(any(target_arch = "x86_64", target_arch = "aarch64")),
    expect(
        dead_code,
        reason = "the numbers of other processors are not known here"
    )
)]
enum Timeout {
    /// As a number.
    Milliseconds,
    /// Where seconds and nanoseconds lie.
    Memory,
}

/// The numbers of the calls, which argument is the timeout, and how it is given (syscalls(2)).
mod calls {
    use super::Timeout::{self, Memory, Milliseconds};

    #[cfg(target_arch = "x86_64")]
    pub const KINDS: &[(i64, usize, Timeout)] = &[
        (7, 2, Milliseconds),   // poll
        (232, 3, Milliseconds), // epoll_wait
        (281, 3, Milliseconds), // epoll_pwait
        (270, 4, Memory),       // pselect6
        (271, 2, Memory),       // ppoll
        (35, 0, Memory),        // nanosleep
        (230, 2, Memory),       // clock_nanosleep
    ];

    #[cfg(target_arch = "aarch64")]
    pub const KINDS: &[(i64, usize, Timeout)] = &[
        (22, 3, Milliseconds), // epoll_pwait
        (72, 4, Memory),       // pselect6
        (73, 2, Memory),       // ppoll
        (101, 0, Memory),      // nanosleep
        (115, 2, Memory),      // clock_nanosleep
    ];

    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    pub const KINDS: &[(i64, usize, Timeout)] = &[];
}

/// The seconds and nanoseconds in the memory of a process. None: there are none at 0.
fn timespec(pid: u32, at: u64) -> Option<Duration> {
    let mut memory = fs::File::open(format!("/proc/{pid}/mem")).ok()?;
    let mut bytes = [0; 16];
    memory.seek(SeekFrom::Start(at)).ok().filter(|_| at != 0)?;
    memory.read_exact(&mut bytes).ok()?;
    let (seconds, nanoseconds) = bytes.split_at(8);
    let number = |half: &[u8]| half.try_into().map(u64::from_ne_bytes).ok();
    let nanoseconds = u32::try_from(number(nanoseconds)?).ok()?;
    Some(Duration::new(number(seconds)?, nanoseconds))
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    #[test]
    fn the_timeout_of_a_call_is_read_from_its_arguments() {
        let memory = |at| (at == 0x7f01).then_some(Duration::from_secs(2));
        let of = |line: &str| wait_of(line, memory);
        let poll = "7 0x7ffc 0x1 0x3e8 0x0 0x0 0x0 0x7ffd 0x7f43\n";
        assert_eq!(of(poll), Some(Duration::from_secs(1)));
        assert_eq!(
            of("7 0x7ffc 0x1 0xffffffff 0x0 0x0 0x0 0x7ffd 0x7f43\n"),
            None
        );
        let ppoll = "271 0x7ffc 0x1 0x7f01 0x0 0x0 0x0 0x7ffd 0x7f43\n";
        assert_eq!(of(ppoll), Some(Duration::from_secs(2)));
        let sleep = "230 0x0 0x0 0x7f01 0x7f01 0x0 0x0 0x7ffd 0x7f43\n";
        assert_eq!(of(sleep), Some(Duration::from_secs(2)));
        assert_eq!(of("0 0x3 0x7f43 0x2000 0x0 0x0 0x0 0x7ffd 0x7f43\n"), None); // read
        assert_eq!(of("running\n"), None);
    }
}
