//! Network namespaces of a test's own: another network, other host names, another port
//! range, for one program (user_namespaces(7), network_namespaces(7)). Linux only.

use once_cell::sync::Lazy;

use crate::{Program, find_tool};

/// Whether this user may make namespaces. Without them: false, and a skip.
pub fn allowed() -> bool {
    static ALLOWED: Lazy<bool> = Lazy::new(|| {
        find_tool("unshare").is_some_and(|unshare| {
            let ended = Program::at(unshare).args(["-rnm", "true"]).run();
            ended.code == Some(0)
        })
    });
    if !*ALLOWED {
        crate::skip("this system does not allow namespaces");
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
///
/// The kernel notes a moment after `up` that a card has its carrier, and delivers to the
/// card's IPv6 addresses only then: of 300 networks 8 were not there yet. So it is asked.
pub const LINK_LOCAL: &str = "ip link set lo up
    ip link add card0 type veth peer name card1
    ip link set card0 up
    ip link set card1 up
    ip address add fe80::1/64 dev card0 nodad
    until ip -6 route get fe80::1 oif card0 | grep -q ^local; do :; done";

/// The setup of three hosts in a row: the program's own, a router, and a far one, with IPv4
/// and IPv6. Nothing of it reaches the machine's own network.
///
/// ```text
///    near                    router                     far
///    card0 10.0.1.1  ------  10.0.1.2, 10.0.2.1  ------ 10.0.2.2
///          fd00:1::1         fd00:1::2, fd00:2::1       fd00:2::2
///          fe80::1           fe80::2 (at card0)
/// ```
///
/// New IPv6 addresses can be used at once: nobody asks first whether they are taken (DAD),
/// which would last a second or two.
///
/// The router's other routes: `.1` of 10.0.9.0/24 and fd00:9::/64 unreachable, `.2`
/// prohibited, `.3` a black hole. `ip netns exec far PROGRAM` runs on the far host.
pub const THREE_HOSTS: &str = "mount -t tmpfs none /run
    ip netns add router
    ip netns add far
    dad=/proc/sys/net/ipv6/conf/default/accept_dad
    echo 0 > $dad
    ip netns exec router sh -c \"echo 0 > $dad\"
    ip netns exec far sh -c \"echo 0 > $dad\"
    ip link set lo up
    ip -n router link set lo up
    ip -n far link set lo up
    ip link add card0 type veth peer name left netns router
    ip -n router link add right type veth peer name card1 netns far
    ip link set card0 up
    ip -n router link set left up
    ip -n router link set right up
    ip -n far link set card1 up
    ip address add 10.0.1.1/24 dev card0
    ip address add fd00:1::1/64 dev card0 nodad
    ip address add fe80::1/64 dev card0 nodad
    ip -n router address add 10.0.1.2/24 dev left
    ip -n router address add fd00:1::2/64 dev left nodad
    ip -n router address add fe80::2/64 dev left nodad
    ip -n router address add 10.0.2.1/24 dev right
    ip -n router address add fd00:2::1/64 dev right nodad
    ip -n far address add 10.0.2.2/24 dev card1
    ip -n far address add fd00:2::2/64 dev card1 nodad
    ip route add default via 10.0.1.2
    ip route add default via fd00:1::2
    ip -n far route add default via 10.0.2.1
    ip -n far route add default via fd00:2::1
    ip netns exec router sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
    ip netns exec router sh -c 'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding'
    ip -n router route add unreachable 10.0.9.1
    ip -n router route add prohibit 10.0.9.2
    ip -n router route add blackhole 10.0.9.3
    ip -n router route add unreachable fd00:9::1
    ip -n router route add prohibit fd00:9::2
    ip -n router route add blackhole fd00:9::3
    until ip -6 route get fd00:1::1 oif card0 | grep -q ^local; do :; done
    until ip -6 route get fe80::1 oif card0 | grep -q ^local; do :; done
    until ip -n router -6 route get fd00:1::2 oif left | grep -q ^local; do :; done
    until ip -n router -6 route get fe80::2 oif left | grep -q ^local; do :; done
    until ip -n router -6 route get fd00:2::1 oif right | grep -q ^local; do :; done
    until ip -n far -6 route get fd00:2::2 oif card1 | grep -q ^local; do :; done";
