//! `println!`, `print!` and `eprintln!` for programs whose reader may go away, and `log!` for
//! servers whose reader may stop reading.
//!
//! std's `println!` panics when standard output is closed (`… | head -1`), because Rust
//! programs ignore SIGPIPE and the write returns EPIPE. A server must go on serving then.
//! std also buffers: text without a newline would stay in the buffer. These write at
//! once.

use std::fmt;
use std::io::{self, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Prints a line to standard output at once; does nothing when nobody reads any more. A full
/// disk behind it is an error, which [`run`](crate::run) reports at the end.
#[macro_export]
macro_rules! println {
    ($($arg:tt)*) => {
        $crate::write_stdout(::std::format_args!($($arg)*), "\n")
    };
}

/// Prints text to standard output at once, without a newline; for prompts.
#[macro_export]
macro_rules! print {
    ($($arg:tt)*) => {
        $crate::write_stdout(::std::format_args!($($arg)*), "")
    };
}

/// Prints a line to standard error; does nothing when nobody reads any more.
#[macro_export]
macro_rules! eprintln {
    ($($arg:tt)*) => {
        $crate::write_stderr(::std::format_args!($($arg)*))
    };
}

/// Prints a line of a server's log, and never waits for who reads it.
///
/// A pipe holds 64 KiB (pipe(7)). Where nobody takes them (`server | less`; Ctrl+S stops a
/// terminal in the same way), write(2) sleeps, and with it a server whose clients have done
/// nothing. So a line that does not fit is left out, and the next one that fits is told how
/// many were.
#[macro_export]
macro_rules! log {
    ($($arg:tt)*) => {
        $crate::write_log(::std::format_args!($($arg)*))
    };
}

/// Prints the text that a program was started for. A full disk behind standard output is an
/// error. A reader who has gone (`… | head -1`) is none: it has read what it wanted.
///
/// # Errors
/// Those of write(2), but for EPIPE.
pub fn print_result(text: &str) -> io::Result<()> {
    write_whole(&mut io::stdout().lock(), format_args!("{text}"), "")
}

#[doc(hidden)]
pub fn write_stdout(text: fmt::Arguments<'_>, end: &str) {
    if let Err(error) = write_whole(&mut io::stdout().lock(), text, end) {
        let mut failed = FAILED.lock().expect("nobody panics with this lock");
        failed.get_or_insert(error);
    }
}

#[doc(hidden)]
pub fn write_log(text: fmt::Arguments<'_>) {
    static LEFT_OUT: AtomicUsize = AtomicUsize::new(0);
    let mut output = io::stdout().lock(); // also while we ask: one line, one thread
    if !takes_a_line(&output) {
        LEFT_OUT.fetch_add(1, Ordering::Relaxed);
        return;
    }
    // A log is no result: a disk that is full stops no service.
    let left_out = LEFT_OUT.swap(0, Ordering::Relaxed);
    if left_out > 0 {
        let note = format_args!("(lines that nobody read: {left_out})");
        write_whole(&mut output, note, "\n").ok();
    }
    write_whole(&mut output, text, "\n").ok();
}

/// Whether a write of a line would return at once. A pipe says so while it has room for a
/// page, a terminal while it is not stopped, a file always (poll(2)).
#[cfg(unix)]
fn takes_a_line(output: &io::StdoutLock<'_>) -> bool {
    use nix::errno::Errno;
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use std::os::fd::AsFd;

    let mut outputs = [PollFd::new(output.as_fd(), PollFlags::POLLOUT)];
    loop {
        match poll(&mut outputs, PollTimeout::ZERO) {
            Err(Errno::EINTR) => {} // a signal came, such as Ctrl+C, and that is no answer
            answer => return answer != Ok(0), // a closed one is ready, too: for an error
        }
    }
}

/// Windows has no poll for a console or a pipe.
#[cfg(not(unix))]
fn takes_a_line(_: &io::StdoutLock<'_>) -> bool {
    true
}

#[doc(hidden)]
pub fn write_stderr(text: fmt::Arguments<'_>) {
    write_whole(&mut io::stderr().lock(), text, "\n").ok(); // where else to tell it?
}

// One write for the whole line, so that lines of several threads or processes that share
// a terminal do not cut through each other.
fn write_whole(
    output: &mut dyn Write,
    text: fmt::Arguments<'_>,
    end: &str,
) -> io::Result<()> {
    let written = output
        .write_all(format!("{text}{end}").as_bytes())
        .and_then(|()| output.flush());
    match written {
        // A closed output is the reader's choice, and nobody is left who could read of it.
        Err(error) if nobody_reads(&error) => Ok(()),
        result => result,
    }
}

/// EPIPE; and ERROR_PIPE_NOT_CONNECTED, which a pipe of Windows can say in its place.
fn nobody_reads(error: &io::Error) -> bool {
    let is_not_connected = cfg!(windows) && error.raw_os_error() == Some(233);
    error.kind() == io::ErrorKind::BrokenPipe || is_not_connected
}

/// The first error of standard output, for [`run`](crate::run) to report at the end.
static FAILED: Mutex<Option<io::Error>> = Mutex::new(None);

/// Whether all that was printed is there.
///
/// # Errors
/// Those of write(2) on standard output so far, the first of them: a full disk, for example.
/// A reader who has gone (`… | head -1`) is none: it has read what it wanted.
pub(crate) fn all_printed() -> io::Result<()> {
    let mut failed = FAILED.lock().expect("nobody panics with this lock");
    failed.take().map_or(Ok(()), Err)
}
