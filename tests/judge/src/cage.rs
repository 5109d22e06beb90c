//! The cage: a learner's program has a network, process numbers and files of its own, so
//! that it harms nobody, and nothing of it is left when the check is over.
//!
//! On Linux these are namespaces (namespaces(7)), which need no rights where the system
//! allows them to everybody (user_namespaces(7)). Elsewhere, and where it does not, the
//! program runs as any other; then its fixed ports can be taken, and it is only killed as
//! far as its process group goes.
//!
//! Two processes make the cage. The keeper ([`keep`]) makes the namespaces, and starts the
//! judge in them. The judge is process 1 there: when it ends, for whatever reason, the
//! kernel kills everything else in the cage (pid_namespaces(7)).

use std::io;
use std::path::PathBuf;
use std::process::{Command, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};

/// What the cage is made for.
#[derive(Debug, Clone)]
pub struct Cage {
    /// Folders and files that the program must not see: they are empty in the cage.
    pub hidden: Vec<PathBuf>,
    /// The program's own folder: in the cage a file system in memory, [`DISK`] large.
    pub scratch: PathBuf,
    /// Whether it can write nowhere else.
    pub sealed: bool,
}

/// How many bytes a program can write in its folder.
pub const DISK: u64 = 64 << 20;

/// Set for the judge by a keeper that has made a cage.
pub(crate) const CAGED: &str = "COURSE_JUDGE_IS_CAGED";

/// Whether this process is the judge in a cage.
pub fn caged() -> bool {
    std::env::var_os(CAGED).is_some()
}

/// Runs `judge` in a cage, and returns how it ended. This process must have one thread
/// only, and be of no further use: it is in the cage, too.
///
/// # Errors
/// When the judge cannot be started. That there can be no cage is no error: it runs
/// without one, and [`caged`] says so.
pub fn keep(cage: &Cage, judge: &mut Command) -> io::Result<ExitStatus> {
    if linux::enter(cage).is_ok() {
        ENTERED.store(true, Ordering::Relaxed);
        judge.env(CAGED, "1");
    }
    judge.status()
}

/// Whether this process, a keeper, has made a cage.
pub fn entered() -> bool {
    ENTERED.load(Ordering::Relaxed)
}

static ENTERED: AtomicBool = AtomicBool::new(false);

/// The judge's first act in the cage: its loopback, which a new network has switched off,
/// and its list of processes.
///
/// # Errors
/// What the kernel says.
pub fn furnish() -> io::Result<()> {
    linux::furnish()
}

/// Ends this process when its parent ends, however that comes about (prctl(2)); where the
/// system cannot, the deadlines of a check end it.
///
/// # Errors
/// What the kernel says.
pub fn when_orphaned_end() -> io::Result<()> {
    linux::when_orphaned_end()
}

/// Gives the cage an `/etc/hosts` of its own. False: there is no cage.
///
/// # Errors
/// What the kernel says.
pub fn hosts(lines: &str) -> io::Result<bool> {
    if !caged() {
        return Ok(false);
    }
    linux::hosts(lines).map(|()| true)
}

/// How many processes there may be in a cage, the judge's included.
pub const PROCESSES: usize = 100;

/// Whether there were more, and all were killed.
pub fn was_crowded() -> bool {
    CROWDED.load(Ordering::Relaxed)
}

static CROWDED: AtomicBool = AtomicBool::new(false);

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;
    use std::io::{self, Read};
    use std::path::Path;
    use std::sync::atomic::Ordering;
    use std::time::Duration;

    use nix::mount::{MsFlags, mount};
    use nix::sched::{CloneFlags, unshare};
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::{Pid, getegid, geteuid};
    use socket2::{Domain, Socket, Type};

    use super::{CROWDED, Cage, DISK, PROCESSES};

    pub fn enter(cage: &Cage) -> io::Result<()> {
        let (user, group) = (geteuid(), getegid());
        unshare(
            CloneFlags::CLONE_NEWUSER
                | CloneFlags::CLONE_NEWNET
                | CloneFlags::CLONE_NEWPID
                | CloneFlags::CLONE_NEWIPC
                | CloneFlags::CLONE_NEWNS,
        )?;
        // In here we are root, over what was ours before and nothing else.
        fs::write("/proc/self/setgroups", "deny")?;
        fs::write("/proc/self/uid_map", format!("0 {user} 1"))?;
        fs::write("/proc/self/gid_map", format!("0 {group} 1"))?;
        // What is mounted from here on is seen in the cage only.
        let none = None::<&str>;
        mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)?;
        for place in &cage.hidden {
            if !place.is_dir() {
                mount(Some("/dev/null"), place, none, MsFlags::MS_BIND, none)?;
                continue;
            }
            let options = Some("size=4k,mode=555");
            mount(
                Some("none"),
                place,
                Some("tmpfs"),
                MsFlags::empty(),
                options,
            )?;
        }
        let options = format!("size={DISK},nr_inodes=4096,mode=700");
        let options = Some(options.as_str());
        let flags = MsFlags::MS_NODEV | MsFlags::MS_NOSUID;
        mount(Some("none"), &cage.scratch, Some("tmpfs"), flags, options)?;
        match cage.sealed {
            true => crate::seal::seal(&cage.scratch),
            false => Ok(()),
        }
    }

    pub fn when_orphaned_end() -> io::Result<()> {
        Ok(nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?)
    }

    pub fn furnish() -> io::Result<()> {
        if super::caged() {
            let none = None::<&str>;
            mount(Some("proc"), "/proc", Some("proc"), MsFlags::empty(), none)?;
            switch_loopback_on()?;
            std::thread::spawn(keep_watch);
        }
        Ok(())
    }

    /// The names of the hosts file and no others: no name server is asked, and no other
    /// service of the machine, which knows the machine's own hosts file only.
    pub fn hosts(lines: &str) -> io::Result<()> {
        lay_over("/etc/hosts", lines)?;
        let services = "passwd: files\ngroup: files\nhosts: files\nservices: files\n";
        for (file, text) in [
            ("/etc/nsswitch.conf", services),
            ("/etc/host.conf", "multi on\n"), // a name may have many lines
        ] {
            if Path::new(file).exists() {
                lay_over(file, text)?;
            }
        }
        Ok(())
    }

    /// A file system in memory over /etc would hide the rest of it, so one file is laid
    /// over the other; the upper one has no name after that.
    fn lay_over(lower: &str, text: &str) -> io::Result<()> {
        let none = None::<&str>;
        mount(Some("none"), "/mnt", Some("tmpfs"), MsFlags::empty(), none)?;
        let file = Path::new("/mnt/file");
        fs::write(file, text)?;
        mount(Some(file), lower, none, MsFlags::MS_BIND, none)?;
        nix::mount::umount2("/mnt", nix::mount::MntFlags::MNT_DETACH)?;
        Ok(())
    }

    /// A limit on processes (RLIMIT_NPROC) does not hold for root, so they are counted.
    fn keep_watch() {
        loop {
            let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
            let numbers = entries
                .filter(|entry| entry.file_name().as_encoded_bytes()[0].is_ascii_digit());
            if numbers.count() > PROCESSES {
                CROWDED.store(true, Ordering::Relaxed);
                // From process 1 this reaches all others of the cage, and nobody else.
                kill(Pid::from_raw(-1), Signal::SIGKILL).ok();
            }
            std::thread::sleep(Duration::from_millis(20)); // between two looks
        }
    }

    /// `ip link set lo up`, as a message to the kernel (rtnetlink(7)).
    fn switch_loopback_on() -> io::Result<()> {
        const NETLINK: i32 = 16;
        const NEW_LINK: u16 = 16;
        const REQUEST_AND_ACKNOWLEDGE: u16 = 1 | 4;
        const UP: u32 = 1;
        let mut message = Vec::new();
        message.extend(32_u32.to_ne_bytes()); // its length: a header, and an ifinfomsg
        message.extend(NEW_LINK.to_ne_bytes());
        message.extend(REQUEST_AND_ACKNOWLEDGE.to_ne_bytes());
        message.extend([0; 8]); // sequence number, port
        message.extend([0; 4]); // family, type: any
        message.extend(1_i32.to_ne_bytes()); // the first interface is always loopback
        message.extend(UP.to_ne_bytes()); // the flags,
        message.extend(UP.to_ne_bytes()); // and which of them are meant
        let mut kernel = Socket::new(Domain::from(NETLINK), Type::RAW, None)?;
        kernel.send(&message)?;
        let mut answer = [0; 64];
        let count = kernel.read(&mut answer)?;
        // An answer is a header, and an error number: 0 for none.
        match answer.get(16..20).filter(|_| count >= 20) {
            Some(&[a, b, c, d]) => match i32::from_ne_bytes([a, b, c, d]) {
                0 => Ok(()),
                error => Err(io::Error::from_raw_os_error(-error)),
            },
            _ => Err(io::Error::other("an answer that is too short")),
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod linux {
    use std::io;

    pub fn enter(_: &super::Cage) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub fn when_orphaned_end() -> io::Result<()> {
        Ok(())
    }

    pub fn furnish() -> io::Result<()> {
        Ok(())
    }

    pub fn hosts(_: &str) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
