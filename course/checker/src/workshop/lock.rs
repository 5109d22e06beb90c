//! One process at a time works in a workshop.

use std::fs;
use std::io;
use std::path::Path;

/// Held by the one process that works in a workshop; its end gives it back.
#[cfg(unix)]
pub type Lock = nix::fcntl::Flock<fs::File>;
#[cfg(windows)]
pub type Lock = fs::File;

/// Takes the lock. Where another process has it, this one says so to `busy`, and waits.
#[cfg(unix)]
pub fn lock(path: &Path, busy: impl FnOnce()) -> io::Result<Lock> {
    use nix::fcntl::{Flock, FlockArg};
    let file = fs::File::create(path)?;
    match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
        Ok(lock) => Ok(lock),
        Err((file, _)) => {
            busy();
            let lock = Flock::lock(file, FlockArg::LockExclusive);
            lock.map_err(|(_, error)| error.into())
        }
    }
}

/// Windows locks with the opening: as long as this file is open, nobody else can open it.
#[cfg(windows)]
pub fn lock(path: &Path, busy: impl FnOnce()) -> io::Result<Lock> {
    use std::os::windows::fs::OpenOptionsExt;
    const SHARING_VIOLATION: i32 = 32;
    let mut busy = Some(busy);
    let mut options = fs::File::options();
    options
        .write(true)
        .create(true)
        .truncate(false)
        .share_mode(0);
    loop {
        match options.open(path) {
            Err(error) if error.raw_os_error() == Some(SHARING_VIOLATION) => {
                if let Some(busy) = busy.take() {
                    busy();
                }
                std::thread::sleep(std::time::Duration::from_millis(50)); // nobody tells
            }
            opened => return opened,
        }
    }
}
