//! Lesson 12: the table of options, and the demonstrations. They talk to themselves.

use tests::{Program, namespace, tool};

use crate::row::{Kind, Row};

const VANISHED: &str = "a_peer_that_vanished_is_given_up";

pub fn rows() -> Vec<Row> {
    let names = [
        "options",
        "options-nagle",
        "options-linger",
        "options-blocking",
        "options-keepalive",
        "options-buffers",
        "options-v6only",
        "options-multicast",
        "options-descriptors",
    ];
    let wrong = [
        ("127.0.0.1:9000", "one argument too many: `127.0.0.1:9000`"),
        ("-x", "unknown option `-x`"),
        (
            "nonsense",
            "one argument too many: `nonsense` hint: hint: this program takes no address",
        ),
    ];
    let rows = names.map(|name| Row::new(name, Kind::Other).wrong(&wrong));
    rows.into_iter()
        .map(|row| match row.name {
            "options-keepalive" => row
                .own(VANISHED, vanished)
                .shown("options-keepalive-1", VANISHED, "nobody missed the peer")
                .cured("options-keepalive-2", VANISHED),
            _ => row,
        })
        .collect()
}

/// The network goes away, and nobody says so. Keepalive notices it after four seconds.
fn vanished(row: &Row) {
    if !namespace::allowed() {
        return;
    }
    let script = tests::root().join("lessons/12-options/peers/pull_the_cable.sh");
    let started = Program::at(tool!("timeout"))
        .args(["12", "sh"])
        .args([script, Program::of(row.name).path()]);
    let ended = started.run();
    assert!(ended.stdout.contains("the cable is pulled"), "{ended:?}");
    // Its own words, or those of std's error.
    let noticed = ["timed out (ETIMEDOUT)", "kind: TimedOut"];
    let noticed = noticed.iter().any(|words| ended.stdout.contains(words));
    assert!(noticed, "nobody missed the peer: {ended:?}");
    ended.code(0);
}
