//! What the calls of a nonblocking socket say when it is not ready (lesson 10).

use std::io::{self, ErrorKind};

/// Whether a nonblocking call has only found nothing to do, or was interrupted. A timeout
/// is none of these: on a nonblocking socket it means that the peer's machine is gone.
pub fn would_block(error: &io::Error) -> bool {
    let kind = error.kind();
    kind == ErrorKind::WouldBlock || kind == ErrorKind::Interrupted
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
