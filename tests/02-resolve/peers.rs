//! `resolve` beside other programs that ask the same resolver.

#![cfg(target_os = "linux")]

use tests::{Ended, Program, tool};

use super::{in_a_world, resolve};

/// The addresses that we found, in their order.
fn found(ended: &Ended) -> Vec<String> {
    let lines = ended.stdout.lines().map(str::trim_start);
    let rows =
        lines.filter(|line| line.starts_with("IPv4 ") || line.starts_with("IPv6 "));
    let addresses = rows.filter_map(|row| row.split_whitespace().nth(1));
    let ips = addresses.filter_map(|text| Some(text.rsplit_once(':')?.0));
    ips.map(|ip| ip.trim_matches(['[', ']']).to_string())
        .collect()
}

const NAMES: [&str; 4] = [
    "localhost",
    "mirror",
    "www.example.test",
    "only6.example.test",
];

#[test]
fn getent_finds_the_same_addresses_in_the_same_order() {
    let getent = tool!("getent");
    for name in NAMES {
        let theirs = Program::at(&getent).args(["ahosts", name]);
        let (Some(ours), Some(theirs)) =
            (in_a_world(resolve([name])), in_a_world(theirs))
        else {
            return;
        };
        let (ours, theirs) = (ours.run(), theirs.run());
        let streams = theirs.stdout.lines().filter(|line| line.contains("STREAM"));
        let theirs: Vec<_> = streams.filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(found(ours.code(0)), theirs, "{name}");
    }
}

#[test]
fn python_finds_the_same_addresses_in_the_same_order() {
    let python = tool!("python3");
    let script = "import socket, sys\n\
                  for found in socket.getaddrinfo(sys.argv[1], 80, 0, socket.SOCK_STREAM):\n\
                  \x20   print(found[4][0])";
    for name in NAMES {
        let theirs = Program::at(&python).args(["-c", script, name]);
        let (Some(ours), Some(theirs)) =
            (in_a_world(resolve([name])), in_a_world(theirs))
        else {
            return;
        };
        let theirs = theirs.run();
        let theirs: Vec<_> = theirs.stdout.lines().collect();
        assert_eq!(found(&ours.run()), theirs, "{name}");
    }
}

#[test]
fn python_finds_the_same_full_name_and_the_same_name_of_an_address() {
    let python = tool!("python3");
    let script = "import socket\n\
                  print(socket.gethostname(), socket.getfqdn(),\n\
                  \x20     *socket.getnameinfo(('192.0.2.80', 443), socket.NI_NAMEREQD))";
    let Some(theirs) = in_a_world(Program::at(python).args(["-c", script])) else {
        return;
    };
    let theirs = theirs.run();
    assert_eq!(
        theirs.stdout,
        "desk desk.example.test www.example.test https\n"
    );
    for (args, same) in [
        (
            &["--host"][..],
            "host name: desk\nfull name: desk.example.test\n",
        ),
        (
            &["--reverse", "192.0.2.80"],
            "address 192.0.2.80 has the name www.example.test\n",
        ),
    ] {
        let ours =
            in_a_world(Program::of("resolve").args(args)).expect("it worked above");
        assert!(ours.run().stdout.starts_with(same));
    }
}
