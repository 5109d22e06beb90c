//! The exercises of lesson 03, and what their checks do.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;

use crate::{Door, Exercise, Kind, Stage, Step, Trouble, TroubleKind, said};

/// All of them, in the order of the chapter.
pub const EXERCISES: &[Exercise] = &[PORT_SCANNER, REACH_THE_SERVER];

const PORT_SCANNER: Exercise = Exercise {
    name: "port-scanner",
    lesson: "03-connect",
    kind: Kind::Build,
    task: "write a program that prints which ports of a range are open",
    section: "One attempt",
    hints: [
        "A port is open when connect succeeds. Each attempt takes a new socket, and an \
         error is an answer, too: go on with the next port.",
        "TcpStream::connect_timeout(&address, time) waits no longer than you say. \
         `for port in first..=last` goes through the range with its last port.",
        "`if TcpStream::connect_timeout(&(host, port).into(), time).is_ok()`: the stream is \
         dropped at once, and so closed. Parse the host as an IpAddr, the ports as u16.",
    ],
    steps: &[
        Step {
            says: "an open port among closed ones is found",
            play: among_closed,
        },
        Step {
            says: "where nothing is open nothing is printed",
            play: nothing_open,
        },
        Step {
            says: "the first and the last port are a part of the range, and the order is theirs",
            play: borders,
        },
        Step {
            says: "the host is the one that was asked for",
            play: other_host,
        },
        Step {
            says: "65535 is a port, too",
            play: last_of_all,
        },
        Step {
            says: "there may be more ports than descriptors",
            play: large_range,
        },
        Step {
            says: "a port that does not answer is left after a moment, and is not open",
            play: silent_port,
        },
    ],
};

fn among_closed(stage: &mut Stage) -> Result<(), Trouble> {
    let first = stage.free_ports(20);
    let open = first + stage.chance.u16(5..15);
    scans(stage, Ipv4Addr::LOCALHOST, (first, first + 19), &[open])
        .map_err(|trouble| trouble.because("each open port is a line: its number alone"))
}

fn nothing_open(stage: &mut Stage) -> Result<(), Trouble> {
    let first = stage.free_ports(10);
    scans(stage, Ipv4Addr::LOCALHOST, (first, first + 9), &[])
}

fn borders(stage: &mut Stage) -> Result<(), Trouble> {
    if is_used(9_980..=10_020) {
        return Ok(()); // without a cage somebody else may listen there
    }
    // Around 10,000, where the order of texts is another than that of numbers.
    let first = stage.chance.u16(9_980..9_990);
    let last = stage.chance.u16(10_010..10_020);
    let between = [first + 3, 9_995, 10_005, last - 3];
    let open = [&[first], &between[..], &[last]].concat();
    scans(stage, Ipv4Addr::LOCALHOST, (first, last), &open)
}

fn other_host(stage: &mut Stage) -> Result<(), Trouble> {
    if !cfg!(target_os = "linux") {
        return Ok(()); // elsewhere 127.0.0.1 is the only address of its kind
    }
    let first = stage.free_ports(10);
    let host = loopback(stage);
    let wrong = (Ipv4Addr::LOCALHOST, first + stage.chance.u16(6..9));
    let _door = stage.door_at(wrong.into())?;
    let open = first + stage.chance.u16(1..5);
    scans(stage, host, (first, first + 9), &[open])
        .map_err(|trouble| trouble.surely("the host is the first argument").hint(3))
}

fn last_of_all(stage: &mut Stage) -> Result<(), Trouble> {
    let first = stage.chance.u16(65_500..65_530);
    if is_used(first..=u16::MAX) {
        return Ok(());
    }
    scans(stage, Ipv4Addr::LOCALHOST, (first, u16::MAX), &[u16::MAX]).map_err(|trouble| {
        let cause = "after port 65535 there is none: a u16 that is counted up from there \
                     overflows";
        trouble.surely(cause).hint(2)
    })
}

fn large_range(stage: &mut Stage) -> Result<(), Trouble> {
    let count = stage.chance.u16(1_100..1_200);
    let first = stage.free_ports(count);
    let last = first + count - 1;
    scans(stage, Ipv4Addr::LOCALHOST, (first, last), &[last]).map_err(|trouble| {
        let cause = "the descriptors ran out: each socket is to be closed before the next \
                     port's turn, or soon after";
        trouble.surely(cause).hint(3)
    })
}

fn silent_port(stage: &mut Stage) -> Result<(), Trouble> {
    let first = stage.free_ports(12);
    let silent = first + stage.chance.u16(2..6);
    let _silence = stage.silence((Ipv4Addr::LOCALHOST, silent).into())?;
    let open = first + stage.chance.u16(7..12);
    let scanned = scans(stage, Ipv4Addr::LOCALHOST, (first, first + 11), &[open]);
    scanned.map_err(|trouble| {
        let cause = if trouble.kind == TroubleKind::Timeout {
            "a port that does not answer holds the program up: give connect a timeout, for \
             the kernel waits for minutes"
        } else if trouble.seen.contains(&silent.to_string()) {
            "a port that does not answer is not open: no connection was made"
        } else {
            "an attempt that timed out has failed as one that was refused: the next port \
             has its turn"
        };
        trouble.surely(cause).hint(2).read("Timed out")
    })
}

fn is_used(ports: RangeInclusive<u16>) -> bool {
    let listeners = crate::sockets::listeners();
    listeners.iter().any(|one| ports.contains(&one.port()))
}

/// Another address of this machine: on Linux all of 127.0.0.0/8 are.
fn loopback(stage: &mut Stage) -> Ipv4Addr {
    let chance = &mut stage.chance;
    Ipv4Addr::new(127, chance.u8(1..), chance.u8(..), chance.u8(1..255))
}

/// Opens these ports, starts the program on the range, and compares.
fn scans(
    stage: &mut Stage,
    host: Ipv4Addr,
    (first, last): (u16, u16),
    open: &[u16],
) -> Result<(), Trouble> {
    let doors: Result<Vec<Door>, Trouble> = open
        .iter()
        .map(|port| stage.door_at((host, *port).into()))
        .collect();
    let doors = doors?;
    let args = [host.to_string(), first.to_string(), last.to_string()];
    let (status, lines) = stage.starts(args)?.ends_with_lines()?;
    let wanted: Vec<_> = open.iter().map(ToString::to_string).collect();
    if lines == wanted {
        if !status.success() {
            let trouble = Trouble::fail("exit code 0", said(status));
            return Err(trouble.because("a closed port is no failure of the program"));
        }
        let never = doors.iter().find(|door| !door.is_knocked_at());
        return never.map_or(Ok(()), |door| {
            let expected = format!("a connection to {}", door.address());
            let trouble = Trouble::fail(expected, "the port is printed, and nobody came");
            Err(trouble.surely("a port counts as open only when connect has succeeded"))
        });
    }
    let refused = stage.program()?.complaints().contains("refused");
    let trouble = Trouble::fail(list(&wanted), list(&lines));
    let mut sorted = lines.clone();
    sorted.sort_by_key(|line| line.parse::<u16>().unwrap_or_default());
    let lacks = |port: u16| open.contains(&port) && !lines.contains(&port.to_string());
    let extra = lines.iter().any(|line| !wanted.contains(line));
    Err(if sorted == wanted {
        trouble
            .because("these are the open ports, in another order")
            .hint(2)
    } else if extra && lines.iter().all(|line| line.parse::<u16>().is_ok()) {
        trouble
            .because("a port is printed on which nobody listens: connect did not succeed there, with \
                 a new socket")
            .hint(1)
    } else if extra {
        trouble
            .because("each open port is a line: its number alone")
            .hint(3)
    } else if lacks(last) && lines.len() + 1 == wanted.len() && open.len() > 1 {
        trouble
            .because("the last port of the range is left out")
            .hint(2)
    } else if lacks(first) && lines.len() + 1 == wanted.len() && open.len() > 1 {
        trouble
            .because("the first port of the range is left out")
            .hint(2)
    } else if lines.is_empty() && !status.success() && refused {
        trouble
            .because("a refused connection ended the program: it is an answer")
            .hint(1)
    } else if lines.len() < wanted.len() {
        trouble
            .because(
                "an open port is missing: each port is to be tried, with a new socket",
            )
            .hint(1)
    } else {
        trouble
    })
}

fn list(lines: &[String]) -> String {
    const SHOWN: usize = 8;
    match lines.len() {
        0 => "no line".into(),
        1..=SHOWN => lines.join("\n"),
        more => format!(
            "{}\n({} lines more)",
            lines[..SHOWN].join("\n"),
            more - SHOWN
        ),
    }
}

const REACH_THE_SERVER: Exercise = Exercise {
    name: "reach-the-server",
    lesson: "03-connect",
    kind: Kind::Repair,
    task: "make a client that reaches a server wherever its name says it may be",
    section: "One after the other",
    hints: [
        "How many addresses does the name have? `cargo run -p resolve -- localhost` shows \
         them. Which of them does the program try?",
        "to_socket_addrs gives an iterator over all addresses. One that fails is no reason \
         to give up: keep its error, and go on with the next.",
        "`for address in server.to_socket_addrs()? { match TcpStream::connect_timeout(…) { \
         Ok(stream) => return Ok(stream), Err(error) => last = error } }`, and after the \
         loop Err(last).",
    ],
    steps: &[
        Step {
            says: "a server at the only address of a name is reached",
            play: only_address,
        },
        Step {
            says: "a server at the last of several addresses is reached",
            play: last_address,
        },
        Step {
            says: "where all addresses answer, the first one is taken, and only that",
            play: first_wins,
        },
        Step {
            says: "an address that does not answer is left after a moment",
            play: silent_address,
        },
        Step {
            says: "when nobody listens the program says so, and fails",
            play: nobody,
        },
    ],
};

fn only_address(stage: &mut Stage) -> Result<(), Trouble> {
    let (question, all) = place(stage, 1)?;
    let door = stage.door_at(all[0])?;
    reaches(stage, &question, &door)
}

fn last_address(stage: &mut Stage) -> Result<(), Trouble> {
    let count = stage.chance.usize(3..6);
    let (question, all) = place(stage, count)?;
    let door = stage.door_at(all[all.len() - 1])?;
    reaches(stage, &question, &door).map_err(|trouble| {
        let cause = "an address refused, and one after it was not tried: all of them have their turn";
        trouble.because(cause).hint(2)
    })
}

fn first_wins(stage: &mut Stage) -> Result<(), Trouble> {
    let (question, all) = place(stage, 3)?;
    let door = stage.door_at(all[0])?;
    let others: Result<Vec<_>, Trouble> = all[1..]
        .iter()
        .map(|address| stage.door_at(*address))
        .collect();
    let others = others?;
    let reached = reaches(stage, &question, &door);
    let more = others.iter().find(|other| other.sends_away() > 0);
    if let Some(other) = more {
        let seen = format!("a connection to {}, too", other.address());
        let seen = if reached.is_ok() {
            seen
        } else {
            seen.replace(", too", "")
        };
        let trouble = Trouble::fail(format!("a connection to {} only", all[0]), seen);
        let cause = "the addresses come in the order to try them, and the first that answers \
                     is the one";
        return Err(trouble.because(cause).hint(3));
    }
    reached
}

fn silent_address(stage: &mut Stage) -> Result<(), Trouble> {
    let (question, all) = place(stage, 2)?;
    let [first, .., last] = &all[..] else {
        return Ok(()); // without a cage a name may have one address only
    };
    let _silence = stage.silence(*first)?;
    let door = stage.door_at(*last)?;
    reaches(stage, &question, &door).map_err(|trouble| {
        let cause = if trouble.kind == TroubleKind::Timeout {
            "an address that does not answer holds the program up: give connect a timeout, \
             for the kernel waits for minutes"
        } else {
            "an attempt that timed out has failed as one that was refused: the next \
             address has its turn"
        };
        trouble.surely(cause).hint(3).read("Timed out")
    })
}

fn nobody(stage: &mut Stage) -> Result<(), Trouble> {
    let (question, _) = place(stage, 3)?;
    let program = stage.starts([question])?;
    let (status, lines) = program.ends_with_lines()?;
    let expected = "an error, and an exit code that is not 0";
    if let Some(line) = lines.iter().find(|line| line.starts_with("connected")) {
        let trouble = Trouble::fail(expected, format!("\"{line}\""));
        return Err(trouble.surely("no connection was made, and it speaks of one"));
    }
    let trouble = Trouble::fail(expected, said(status));
    if status.success() {
        let cause = "the last error is to be the result of the program";
        return Err(trouble.surely(cause).hint(3));
    }
    let crashed = program.crash(trouble.clone());
    if crashed != trouble {
        return Err(crashed.surely("a server that is not there is no reason to panic"));
    }
    if program.complaints().trim().is_empty() {
        return Err(trouble.surely("the program failed without a word on standard error"));
    }
    Ok(())
}

/// A name with so many addresses, all of this machine and in the resolver's order, and a
/// port that is free on each of them.
fn place(stage: &mut Stage, count: usize) -> Result<(String, Vec<SocketAddr>), Trouble> {
    let addresses: Vec<IpAddr> = (0..count).map(|_| loopback(stage).into()).collect();
    let name = stage.named(&addresses)?;
    let port = stage.free_ports(1);
    let all = stage.resolves(&name, port);
    if all.is_empty() {
        let none = std::io::Error::other("the resolver knows no address of it");
        return Err(Trouble::checker(name, &none));
    }
    Ok((format!("{name}:{port}"), all))
}

/// Starts the program, which must come in at this door, and print its address.
fn reaches(stage: &mut Stage, question: &str, door: &Door) -> Result<(), Trouble> {
    let (status, lines) = stage.starts([question.to_string()])?.ends_with_lines()?;
    let wanted = format!("connected to {}", door.address());
    let mut came = door.sends_away();
    if came == 0 && lines == [wanted.clone()] {
        came = usize::from(door.is_knocked_at()); // its handshake may need a moment yet
    }
    if came == 0 {
        let expected = format!("a connection to {}", door.address());
        let seen = match lines.last() {
            Some(line) => format!("nobody came; it printed \"{line}\""),
            None => format!("nobody came; the program ended with {}", said(status)),
        };
        let trouble = Trouble::fail(expected, seen);
        return Err(if lines == [wanted] {
            trouble.surely("it speaks of a connection, and has made none")
        } else {
            trouble
        });
    }
    if lines != [wanted.clone()] {
        let seen = lines
            .first()
            .map_or("no line".into(), |line| format!("\"{line}\""));
        let trouble = Trouble::fail(format!("the line \"{wanted}\""), seen);
        return Err(trouble.because(if lines.len() > 1 {
            "there is to be one line, printed when a connection is made"
        } else {
            "the line is made of the peer's address: peer_addr"
        }));
    }
    if came > 1 {
        let trouble = Trouble::fail("one connection", format!("{came} connections"));
        return Err(trouble.because("it has connected more than once"));
    }
    if !status.success() {
        return Err(Trouble::fail("exit code 0", said(status))
            .because("it has connected, and yet the program failed"));
    }
    Ok(())
}
