//! The last step before a learner's program runs: limits, and no rights over the cage.
//!
//! The judge starts this very program again, which comes here, and becomes the learner's.

use std::ffi::OsString;
use std::io;

/// Limits for one process of the learner's (getrlimit(2)).
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Memory that it can ask for, in bytes.
    pub memory: u64,
    /// The longest file that it can write, in bytes.
    pub file: u64,
    /// Descriptors.
    pub descriptors: u64,
    /// Processor time, in seconds.
    pub processor: u64,
}

/// Enough for every right answer, and no more than a machine bears.
pub const LIMITS: Limits = Limits {
    memory: 4 << 30,
    file: 64 << 20,
    descriptors: 1024,
    processor: 60,
};

/// Becomes `program`, and returns only when that fails, with the reason.
pub fn become_program(program: &OsString, args: &[OsString]) -> io::Error {
    match unix::give_up_rights() {
        Ok(()) => unix::exec(program, args),
        Err(error) => error,
    }
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsString;
    use std::io;
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    use nix::sys::resource::{Resource, getrlimit, setrlimit};

    use super::LIMITS;

    pub fn give_up_rights() -> io::Result<()> {
        limit(Resource::RLIMIT_CORE, 0)?;
        limit(Resource::RLIMIT_FSIZE, LIMITS.file)?;
        limit(Resource::RLIMIT_NOFILE, LIMITS.descriptors)?;
        limit(Resource::RLIMIT_CPU, LIMITS.processor)?;
        #[cfg(target_os = "linux")]
        {
            limit(Resource::RLIMIT_AS, LIMITS.memory)?;
            nix::sys::prctl::set_no_new_privs()?;
            if crate::cage::caged() {
                become_nobody()?;
            }
        }
        Ok(())
    }

    /// A user without rights: what the judge has mounted and hidden stays as it is. A new
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

    fn limit(resource: Resource, wanted: u64) -> io::Result<()> {
        let (_, hard) = getrlimit(resource)?;
        let limit = wanted.min(hard);
        Ok(setrlimit(resource, limit, limit)?)
    }

    pub fn exec(program: &OsString, args: &[OsString]) -> io::Error {
        // A panic is to say where; a learner's own wish for more stays.
        Command::new(program).args(args).exec()
    }
}

#[cfg(not(unix))]
mod unix {
    use std::ffi::OsString;
    use std::io;
    use std::process::Command;

    pub fn give_up_rights() -> io::Result<()> {
        Ok(())
    }

    pub fn exec(program: &OsString, args: &[OsString]) -> io::Error {
        match Command::new(program).args(args).status() {
            Ok(status) => std::process::exit(status.code().unwrap_or(1)),
            Err(error) => error,
        }
    }
}
