//! The launcher of Unix: it replaces itself by the program.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::errno::Errno;
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use super::{COMMAND, LAUNCHER, LIMITS};
use crate::recorder;

pub fn become_program(
    pipe: u32,
    judge: u32,
    program: &OsString,
    args: &[OsString],
) -> io::Result<()> {
    let mut to_judge = own(pipe)?;
    let ready = recorder::wait_for_strace().and_then(|()| give_up_rights(judge));
    let (whose, error) = match ready {
        Err(error) => (LAUNCHER, error),
        Ok(()) => {
            let mut program = Command::new(program);
            recorder::hide_from(&mut program);
            (COMMAND, program.args(args).exec())
        }
    };
    // std refuses what no system call takes, a NUL in an argument, without a number.
    let number = error.raw_os_error().unwrap_or(Errno::EINVAL as i32);
    write!(to_judge, "{whose} {number}")
}

/// The pipe that was inherited, as one that exec closes.
fn own(pipe: u32) -> io::Result<File> {
    let folder = match cfg!(target_os = "linux") {
        true => "/proc/self/fd",
        false => "/dev/fd",
    };
    let file = File::options()
        .write(true)
        .open(format!("{folder}/{pipe}"))?;
    nix::unistd::close(pipe.cast_signed())?;
    Ok(file)
}

fn give_up_rights(judge: u32) -> io::Result<()> {
    limit(Resource::RLIMIT_CORE, 0)?;
    limit(Resource::RLIMIT_FSIZE, LIMITS.file)?;
    limit(Resource::RLIMIT_NOFILE, LIMITS.descriptors)?;
    limit(Resource::RLIMIT_CPU, LIMITS.processor)?;
    #[cfg(target_os = "linux")]
    {
        nix::sys::prctl::set_no_new_privs()?;
        // In a sandbox all the memory that is used is counted. A sanitizer of addresses or
        // of threads asks for terabytes of addresses, and uses few of them.
        match crate::sandbox::sandboxed() {
            true => become_nobody()?,
            false => limit(Resource::RLIMIT_AS, LIMITS.memory)?,
        }
    }
    // Without a sandbox nobody else ends it when the checker is killed. It counts from the
    // end of the thread that has started it, which is the checker's main one.
    crate::sandbox::when_orphaned_end()?;
    if std::os::unix::process::parent_id() != judge {
        return Err(io::Error::other("the checker has ended"));
    }
    Ok(())
}

/// A user without rights: what the checker has mounted and hidden stays as it is. A new
/// user namespace has no rights over the namespaces of the old one, and whoever is not
/// root in it loses its own rights at exec (user_namespaces(7), capabilities(7)).
#[cfg(target_os = "linux")]
fn become_nobody() -> io::Result<()> {
    use nix::unistd::{getegid, geteuid};
    use std::fs::write;
    let (user, group) = (geteuid(), getegid());
    nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWUSER)?;
    write("/proc/self/setgroups", "deny")?;
    write("/proc/self/uid_map", format!("65534 {user} 1"))?;
    write("/proc/self/gid_map", format!("65534 {group} 1"))
}

#[allow(clippy::useless_conversion)] // FreeBSD's numbers have a sign
fn limit(resource: Resource, wanted: u64) -> io::Result<()> {
    let (_, hard) = getrlimit(resource)?;
    let limit = wanted.try_into().map_or(hard, |wanted| hard.min(wanted));
    Ok(setrlimit(resource, limit, limit)?)
}
