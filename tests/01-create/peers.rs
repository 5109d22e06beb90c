//! `create` beside other programs that ask the same kernel.

use std::fmt::Write;

use tests::{Program, tool};

use super::{answer, create};

/// The first part of each row: what was asked for.
fn asked(printed: &str) -> Vec<String> {
    let rows = printed.lines().filter_map(|line| line.split_once(" -> "));
    rows.map(|(asked, _)| asked.trim().to_string()).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn python_gets_the_same_answer_to_each_question() {
    let python = tool!("python3");
    let script = "import errno, socket, sys\n\
        def protocol(number):\n\
        \x20   names = 'IPPROTO_TCP IPPROTO_UDP IPPROTO_ICMP IPPROTO_ICMPV6'.split()\n\
        \x20   return next((n for n in names if getattr(socket, n) == number), number)\n\
        for line in sys.stdin.read().splitlines():\n\
        \x20   numbers = [int(getattr(socket, word, 0)) for word in line.split()]\n\
        \x20   try:\n\
        \x20       made = socket.socket(*numbers)\n\
        \x20       number = made.getsockopt(socket.SOL_SOCKET, 38) # SO_PROTOCOL\n\
        \x20       kind = socket.SocketKind(made.getsockopt(socket.SOL_SOCKET, 3))\n\
        \x20       print(made.family.name, kind.name, protocol(number))\n\
        \x20   except OSError as error:\n\
        \x20       print(errno.errorcode[error.errno])";
    let ours = create().run();
    let asked = asked(&ours.stdout);
    assert_eq!(asked.len(), 14, "{ours:#?}");

    let mut python = Program::at(python).args(["-c", script]).start();
    python.types(asked.iter().fold(String::new(), |mut all, line| {
        writeln!(all, "{line}").expect("a String takes everything");
        all
    }));
    python.close_keyboard();
    let ended = python.ends();
    ended.code(0);
    let answers: Vec<_> = ended.stdout.lines().collect();
    assert_eq!(answers.len(), asked.len(), "{ended:#?}");
    for (asked, theirs) in asked.iter().zip(answers) {
        let ours = answer(&ours, asked);
        let same = ours == theirs || ours.ends_with(&format!("({theirs})"));
        assert!(same, "{asked}: ours {ours:?}, Python's {theirs:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn strace_sees_one_socket_call_for_each_row_and_every_socket_closed() {
    let strace = tool!("strace");
    let log = tempfile::NamedTempFile::new().expect("a file");
    let path = log.path().to_str().expect("a plain path");
    let ended = create()
        .through(strace, ["-o", path, "-e", "trace=socket,close"])
        .run();
    if ended.code != Some(0) {
        tests::skip!("strace may not trace here: {}", ended.stderr);
    }
    let log = std::fs::read_to_string(path).expect("the log");
    let mut open = Vec::new();
    let mut calls = 0;
    for line in log.lines() {
        if line.starts_with("socket(") {
            calls += 1;
            assert!(line.contains("SOCK_CLOEXEC"), "{line}");
            let made = line.rsplit(" = ").next().unwrap_or_default();
            open.extend(made.parse::<u32>().ok());
        }
        if let Some(rest) = line.strip_prefix("close(") {
            let number = rest.split(')').next().and_then(|text| text.parse().ok());
            open.retain(|open| Some(*open) != number);
        }
    }
    assert_eq!(calls, asked(&ended.stdout).len() + 1, "{log}");
    assert!(open.is_empty(), "{open:?} left open:\n{log}");
}
