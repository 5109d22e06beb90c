//! Network namespaces of a test's own: another network, other host names, another port
//! range, for one program (user_namespaces(7), network_namespaces(7)). Linux only.

use once_cell::sync::Lazy;

use crate::{Program, find_tool};

/// Whether this user may make namespaces. Without them: false, and a printed skip.
pub fn allowed() -> bool {
    static ALLOWED: Lazy<bool> = Lazy::new(|| {
        find_tool("unshare").is_some_and(|unshare| {
            let ended = Program::at(unshare).args(["-rnm", "true"]).run();
            ended.code == Some(0)
        })
    });
    if !*ALLOWED {
        eprintln!("skipped: this system does not allow namespaces");
    }
    *ALLOWED
}

/// The program in a network, user and mount namespace of its own, after the shell
/// commands of `setup` have run there, as root of that namespace. Its loopback is down
/// until `ip link set lo up`.
pub fn around(program: Program, setup: &str) -> Program {
    let script =
        format!("set -e\nPATH=$PATH:/usr/sbin:/sbin\n{setup}\nexec \"$0\" \"$@\"");
    program
        .through("/bin/sh", ["-c".to_string(), script])
        .through("unshare", ["-rnm"])
}

/// [`around`], where the rest of the network stays as it is: for another `/etc/hosts`.
pub fn with_files(program: Program, setup: &str) -> Program {
    let script = format!("set -e\n{setup}\nexec \"$0\" \"$@\"");
    program
        .through("/bin/sh", ["-c".to_string(), script])
        .through("unshare", ["-rm"])
}

/// The setup of a network with one card, `card0`, and its link-local address `fe80::1`.
pub const LINK_LOCAL: &str = "ip link set lo up
    ip link add card0 type veth peer name card1
    ip link set card0 up
    ip link set card1 up
    ip address add fe80::1/64 dev card0 nodad";
