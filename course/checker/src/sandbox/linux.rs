//! The sandbox of namespaces.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::Signal;
use nix::unistd::{getegid, geteuid};
use socket2::{Domain, Socket, Type};

use super::{DISK, Sandbox, crowd};

pub fn enter(sandbox: &Sandbox) -> io::Result<()> {
    enter_namespaces()?;
    // What is mounted from here on is seen in the sandbox only.
    let none = None::<&str>;
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)?;
    for place in &sandbox.hidden {
        hide(place)?;
    }
    if !sandbox.visible.is_empty() {
        super::root::change(&sandbox.scratch, &sandbox.visible)?;
    }
    let options = format!("size={DISK},nr_inodes=4096,mode=700");
    let flags = MsFlags::MS_NODEV | MsFlags::MS_NOSUID;
    mount_tmpfs(&sandbox.scratch, flags, Some(&options))?;
    match sandbox.read_only {
        true => crate::read_only::remount(&sandbox.scratch),
        false => Ok(()),
    }
}

/// In there we are root, over what was ours before and nothing else.
fn enter_namespaces() -> io::Result<()> {
    let (user, group) = (geteuid(), getegid());
    unshare(
        CloneFlags::CLONE_NEWUSER
            | CloneFlags::CLONE_NEWNET
            | CloneFlags::CLONE_NEWPID
            | CloneFlags::CLONE_NEWIPC
            | CloneFlags::CLONE_NEWNS,
    )?;
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("0 {user} 1"))?;
    fs::write("/proc/self/gid_map", format!("0 {group} 1"))
}

/// Lays an empty folder over a folder, and over a file one that has nothing in it.
fn hide(place: &Path) -> io::Result<()> {
    if place.is_dir() {
        return mount_tmpfs(place, MsFlags::empty(), Some("size=4k,mode=555"));
    }
    let none = None::<&str>;
    Ok(mount(
        Some("/dev/null"),
        place,
        none,
        MsFlags::MS_BIND,
        none,
    )?)
}

/// A file system in memory.
fn mount_tmpfs(place: &Path, flags: MsFlags, options: Option<&str>) -> io::Result<()> {
    Ok(mount(Some("none"), place, Some("tmpfs"), flags, options)?)
}

pub fn when_orphaned_end() -> io::Result<()> {
    Ok(nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?)
}

pub fn furnish(memory: u64) -> io::Result<()> {
    let none = None::<&str>;
    mount(Some("proc"), "/proc", Some("proc"), MsFlags::empty(), none)?;
    switch_loopback_on()?;
    std::thread::spawn(move || crowd::keep_watch(memory));
    Ok(())
}

/// The names of the hosts file and no others: no name server is asked, and no other
/// service of the machine, which knows the machine's own hosts file only.
pub fn hosts(scratch: &Path, lines: &str) -> io::Result<()> {
    lay_over("/etc/hosts", scratch, lines)?;
    let services = "passwd: files\ngroup: files\nhosts: files\nservices: files\n";
    for (file, text) in [
        ("/etc/nsswitch.conf", services),
        ("/etc/host.conf", "multi on\n"), // a name may have many lines
    ] {
        if Path::new(file).exists() {
            lay_over(file, scratch, text)?;
        }
    }
    Ok(())
}

/// A file system in memory over /etc would hide the rest of it, so one file is laid over
/// the other. The upper one is in a file system that is for a moment where the program's
/// folder is, a place that surely exists; after that it has no name.
fn lay_over(lower: &str, scratch: &Path, text: &str) -> io::Result<()> {
    mount_tmpfs(scratch, MsFlags::empty(), None)?;
    let upper = scratch.join("file");
    fs::write(&upper, text)?;
    let none = None::<&str>;
    mount(Some(&upper), lower, none, MsFlags::MS_BIND, none)?;
    nix::mount::umount2(scratch, nix::mount::MntFlags::MNT_DETACH)?;
    Ok(())
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
