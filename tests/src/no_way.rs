//! What can be wrong with the way to a server, the same for every TCP client. Each function
//! provokes it, and asserts that the client tells it in two lines and ends with 1.
//!
//! `client` makes the program that shall talk to an address, with all its arguments.

use crate::{Program, peer};
#[cfg(target_os = "linux")]
use crate::{Running, namespace};

/// Nothing listens there.
#[track_caller]
pub fn closed_port(client: impl Fn(String) -> Program) {
    let address = peer::dead_port().to_string();
    let told = format!("cannot connect to {address}: connection refused (ECONNREFUSED)");
    client(address.clone()).run().code(1).complained(&told);
}

/// The name does not exist; no resolver knows `.invalid` (RFC 6761 section 6.4).
#[track_caller]
pub fn unknown_name(client: impl Fn(String) -> Program) {
    let told = "cannot resolve x.invalid: the resolver says: ";
    let ended = client("x.invalid:80".to_string()).run();
    ended.code(1).complained(told);
    // The names of the resolver's errors are known where glibc is.
    let named = ended.stderr.contains("(EAI_") || !cfg!(target_os = "linux");
    assert!(named, "{ended:?}");
}

/// The listener's queue is full, so that nothing answers. The client's own timeout is to be
/// short.
#[cfg(target_os = "linux")]
#[track_caller]
pub fn full_queue(client: impl Fn(String) -> Program) {
    let (_listener, _queued, address) = peer::full_listener();
    let ended = client(address.to_string()).run();
    ended.code(1).complained("timed out (ETIMEDOUT)");
}

/// No route to the network, and a route that says that the host cannot be reached.
#[cfg(target_os = "linux")]
#[track_caller]
pub fn unreachable(client: impl Fn(String) -> Program) {
    if !namespace::allowed() {
        return;
    }
    for (setup, told) in [
        ("", "network unreachable (ENETUNREACH)"),
        (
            "ip route add unreachable 192.0.2.1",
            "host unreachable (EHOSTUNREACH)",
        ),
    ] {
        let program = namespace::around(client("192.0.2.1:80".to_string()), setup);
        program.run().code(1).complained(told);
    }
}

/// With one single ephemeral port, the kernel must choose the very port that is dialled,
/// and connects the socket to itself: the simultaneous open of RFC 9293 section 3.5.
#[cfg(target_os = "linux")]
#[track_caller]
pub fn to_itself(client: impl Fn(String) -> Program) {
    if !namespace::allowed() {
        return;
    }
    let setup = "ip link set lo up
        echo 40000 40000 > /proc/sys/net/ipv4/ip_local_port_range";
    let ended = namespace::around(client("127.0.0.1:40000".to_string()), setup).run();
    ended
        .code(1)
        .complained("connection refused (ECONNREFUSED)");
}

/// Link-local addresses need the network card: without it the kernel cannot know which is
/// meant, because every card has such addresses (RFC 4007).
#[cfg(target_os = "linux")]
#[track_caller]
pub fn scoped(client: impl Fn(String) -> Program) {
    if !namespace::allowed() {
        return;
    }
    for (address, told) in [
        ("[fe80::1%card0]:80", "connection refused (ECONNREFUSED)"),
        ("[fe80::1]:80", "invalid argument (EINVAL)"),
    ] {
        let program =
            namespace::around(client(address.to_string()), namespace::LINK_LOCAL);
        program.run().code(1).complained(told);
    }
}

/// The same for a server: it listens on the card's address, and says so.
#[cfg(target_os = "linux")]
#[track_caller]
pub fn scoped_listener(server: impl Fn(String) -> Program) {
    if !namespace::allowed() {
        return;
    }
    let start = |address: &str| -> Running {
        namespace::around(server(address.to_string()), namespace::LINK_LOCAL).start()
    };
    let mut running = start("[fe80::1%card0]:8888");
    let line = running.line("Listening on ");
    assert!(line.starts_with("Listening on [fe80::1%"), "{line}");
    running.interrupt();
    running.ends().code(0);
    let ended = start("[fe80::1]:8888").ends();
    ended.code(1).complained("invalid argument (EINVAL)");
    // A server whose address has gone hears Ctrl+C, though nobody can connect to it any more.
    let Some(nsenter) = crate::find_tool("nsenter") else {
        return;
    };
    let mut running = start("[fe80::1%card0]:8888");
    running.line("Listening on ");
    let pid = running.pid().to_string();
    let enter = ["-t", &pid, "-U", "-n", "--preserve-credentials"];
    let ip = Program::at("/bin/sh").args(["-c", "ip address del fe80::1/64 dev card0"]);
    ip.env("PATH", "/usr/sbin:/sbin:/usr/bin:/bin")
        .through(nsenter, enter)
        .run()
        .code(0);
    running.interrupt();
    running.ends().code(0);
}
