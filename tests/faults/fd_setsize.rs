//! What select cannot watch: a descriptor of 1024 or more (FD_SETSIZE, select(2)).

use std::path::Path;

use tests::{Program, peer, tool, until};

use crate::row::Row;

/// The program after somebody has left all descriptors below a number open, but this one.
fn with_open_descriptors(
    program: Program,
    python: &Path,
    (below, but): (u32, u32),
) -> Program {
    let script = "import os, resource, sys
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (2048, hard))
for number in range(3, int(sys.argv[1])):
    if number != int(sys.argv[2]):
        os.dup2(0, number)
os.execv(sys.argv[3], sys.argv[3:])";
    let options = ["-c", script, &below.to_string(), &but.to_string()];
    program.through(python, options)
}

/// A server whose listener would be beyond.
pub fn a_server_beyond_says_so(row: &Row) {
    let python = tool!("python3");
    let program = row.program("127.0.0.1:0", &[]);
    let ended = with_open_descriptors(program, &python, (1100, 0)).run();
    ended.code(1).complained("select cannot watch descriptor 1");
}

/// A client whose socket would be, or only its keyboard: 1023 alone is free, and the socket
/// takes it.
pub fn a_client_beyond_says_so(row: &Row) {
    let python = tool!("python3");
    let (_listener, address) = peer::listener();
    for (but, descriptor) in [(0, "110"), (1023, "1100")] {
        let program = row.program(address, &[]);
        let ended = with_open_descriptors(program, &python, (1100, but)).run();
        let told = format!("select cannot watch descriptor {descriptor}");
        ended.code(1).complained(&told);
    }
}

/// Most places of the set are taken when the first client comes. Each is in, or has been
/// told why not, before the next one comes.
pub fn a_client_beyond_is_sent_away(row: &Row) {
    let python = tool!("python3");
    let program = row.program("127.0.0.1:0", &[]);
    let program = with_open_descriptors(program, &python, (980, 0));
    let mut up = row.up_from(row.as_server(), program);
    let address = up.address;
    let newcomer = || {
        let mut client = peer::connect(address);
        peer::write(&mut client, "hello\n");
        let told = peer::read_line(&mut client);
        (client, told)
    };
    let is_full = |told: &str| told.trim_end().ends_with(" is full, try again later");
    let mut here = Vec::new();
    let mut away = loop {
        let (client, told) = newcomer();
        if is_full(&told) {
            break client;
        }
        here.push(client);
        assert!(here.len() < 44, "a set has 1024 places");
    };
    assert!(here.len() > 10, "{} clients", here.len());
    assert_eq!(peer::read_to_end(&mut away), b"");
    assert!(is_full(&newcomer().1), "once more");
    // Those who are in are served, and a place that becomes free is taken.
    let mut last = here.pop().expect("somebody");
    up.asks(&mut here[0], "still there?");
    up.asks(&mut last, "still there?");
    drop(last);
    until("a free place", || (!is_full(&newcomer().1)).then_some(()));
}
