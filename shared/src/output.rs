//! `println!`, `print!` and `eprintln!` for programs whose reader may go away.
//!
//! std's `println!` panics when standard output is closed (`… | head -1`), because Rust
//! programs ignore SIGPIPE and the write returns EPIPE. A server must go on serving then.
//! std also buffers: text without a newline would stay in the buffer. These write at
//! once.

use std::fmt;
use std::io::{self, Write};

/// Prints a line to standard output at once; does nothing when nobody reads any more.
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

/// Prints the text that a program was started for. A full disk behind standard output is an
/// error. A reader who has gone (`… | head -1`) is none: it has read what it wanted.
///
/// # Errors
/// Those of write(2), but for EPIPE.
pub fn print_result(text: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    let written = output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush());
    match written {
        Err(error) if nobody_reads(&error) => Ok(()),
        result => result,
    }
}

/// EPIPE; and ERROR_PIPE_NOT_CONNECTED, which a pipe of Windows can say in its place.
fn nobody_reads(error: &io::Error) -> bool {
    let is_not_connected = cfg!(windows) && error.raw_os_error() == Some(233);
    error.kind() == io::ErrorKind::BrokenPipe || is_not_connected
}

#[doc(hidden)]
pub fn write_stdout(text: fmt::Arguments<'_>, end: &str) {
    write_whole(&mut io::stdout().lock(), text, end);
}

#[doc(hidden)]
pub fn write_stderr(text: fmt::Arguments<'_>) {
    write_whole(&mut io::stderr().lock(), text, "\n");
}

// One write for the whole line, so that lines of several threads or processes that share
// a terminal do not cut through each other. The error is dropped on purpose: a closed
// output is the reader's choice, and nobody is left who could read of it.
fn write_whole(output: &mut dyn Write, text: fmt::Arguments<'_>, end: &str) {
    drop(
        output
            .write_all(format!("{text}{end}").as_bytes())
            .and_then(|()| output.flush()),
    );
}
