//! What the calls of a nonblocking socket say when it is not ready (lesson 10).

use std::io::{self, ErrorKind};

use crate::{explain, println};

/// Whether a nonblocking call has only found nothing to do, or was interrupted. A timeout
/// is none of these: on a nonblocking socket it means that the peer's machine is gone.
pub fn would_block(error: &io::Error) -> bool {
    let kind = error.kind();
    kind == ErrorKind::WouldBlock || kind == ErrorKind::Interrupted
}

/// Whether a nonblocking connect has only begun: EINPROGRESS (connect(2)), and WouldBlock
/// on Windows. The socket becomes writable when it is through, well or not.
pub fn in_progress(error: &io::Error) -> bool {
    #[cfg(unix)]
    if error.raw_os_error() == Some(nix::libc::EINPROGRESS) {
        return true;
    }
    error.kind() == ErrorKind::WouldBlock
}

/// Whether `select` can watch this descriptor: its sets end at FD_SETSIZE (select(2)).
///
/// # Errors
/// Where it cannot.
#[cfg(unix)]
pub fn fits_fd_set(descriptor: &impl std::os::fd::AsRawFd) -> io::Result<()> {
    let number = descriptor.as_raw_fd();
    if usize::try_from(number).is_ok_and(|number| number < nix::sys::select::FD_SETSIZE) {
        return Ok(());
    }
    let words = format!("select cannot watch descriptor {number}");
    Err(io::Error::new(ErrorKind::Unsupported, words))
}

/// Whether a nonblocking call has met the end of a connection, or of the keyboard; then
/// it says so. It is not lost where there was only [nothing to do](would_block).
///
/// The kernel tells the error of a connection once, to the call that comes first: look at
/// what write says, too.
pub fn is_lost(name: &str, error: &io::Error) -> bool {
    if would_block(error) {
        return false;
    }
    println!("[{name} is lost: {}]", explain(error));
    true
}
