//! A read-only sandbox: nothing can be written in it but the program's own folder.
//!
//! A program in the sandbox still has the user's own rights over files. A learner's program
//! may need them; one that a stranger has handed in must not. So each file system that is
//! mounted becomes read-only, in the sandbox alone (mount(2), MS_BIND with MS_REMOUNT).

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::mount::{MsFlags, mount};

/// Makes all that is mounted read-only, but `scratch` and the list of processes, which the
/// judge replaces by its own.
pub fn remount(scratch: &Path) -> io::Result<()> {
    let scratch = fs::canonicalize(scratch)?;
    let none = None::<&str>;
    for (place, flags) in mounts(&fs::read("/proc/self/mountinfo")?) {
        if place == scratch || place.starts_with("/proc") {
            continue;
        }
        let flags = flags | MsFlags::MS_REMOUNT | MsFlags::MS_BIND | MsFlags::MS_RDONLY;
        match mount(none, &place, none, flags, none) {
            // Something else is mounted over it, or it is below a folder that this user
            // cannot enter: we don't reach it, nor does the program.
            Ok(()) => {}
            Err(Errno::ENOENT | Errno::ENOTDIR | Errno::EINVAL | Errno::EACCES) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Where something is mounted, and the flags that must stay as they are
/// (proc_pid_mountinfo(5), mount_namespaces(7)).
fn mounts(text: &[u8]) -> Vec<(PathBuf, MsFlags)> {
    let mount = |line: &[u8]| {
        let mut fields = line.split(|byte| *byte == b' ').skip(4);
        let place = OsString::from_vec(plain(fields.next()?));
        let mut flags = MsFlags::empty();
        for option in fields.next()?.split(|byte| *byte == b',') {
            flags |= match option {
                b"nosuid" => MsFlags::MS_NOSUID,
                b"nodev" => MsFlags::MS_NODEV,
                b"noexec" => MsFlags::MS_NOEXEC,
                _ => MsFlags::empty(),
            };
        }
        Some((PathBuf::from(place), flags))
    };
    text.split(|byte| *byte == b'\n')
        .filter_map(mount)
        .collect()
}

/// A path without `\040` for a space and the like.
fn plain(field: &[u8]) -> Vec<u8> {
    let mut path = Vec::new();
    let mut rest = field;
    while let Some((&first, behind)) = rest.split_first() {
        let digits = behind.get(..3).filter(|_| first == b'\\');
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) => {
                path.push(byte);
                rest = &behind[3..];
            }
            None => {
                path.push(first);
                rest = behind;
            }
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_keeps_its_name_and_its_flags() {
        let text = b"22 1 0:5 / / rw,relatime - ext4 /dev/a rw\n\
                     23 22 0:6 / /a\\040b\\134c rw,nosuid,nodev shared:1 - tmpfs none rw\n";
        let found = mounts(text);
        let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
        assert_eq!(
            found,
            [
                (PathBuf::from("/"), MsFlags::empty()),
                (PathBuf::from("/a b\\c"), flags)
            ]
        );
    }
}
