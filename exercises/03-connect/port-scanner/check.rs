//! `port-scanner`: the task, and what its check does.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::RangeInclusive;

use checker::{Attempts, Door, Exercise, Failure, Kind, Stage, Step, said};

use crate::connect::{
    enough, in_time, loopback, said_nothing, waits_long_enough, waits_too_long, who_came,
};

/// The exercise, and the steps of its check.
pub const EXERCISE: Exercise = Exercise {
    name: "port-scanner",
    lesson: "03-connect",
    kind: Kind::Build,
    task: "write a program that prints which ports of a range are open",
    section: "Step 2: a timeout",
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
            says: "a range may be one port, open or not",
            play: one_port,
        },
        Step {
            says: "all ports of a range may be open",
            play: all_open,
        },
        Step {
            says: "the host is the one that was asked for",
            play: other_host,
        },
        Step {
            says: "an IPv6 address is a host, too",
            play: six,
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

fn among_closed(stage: &mut Stage) -> Result<(), Failure> {
    let first = stage.free_ports(20);
    let open = first + stage.chance.u16(5..15);
    scans(stage, Ipv4Addr::LOCALHOST, (first, first + 19), &[open])
        .map_err(|failure| failure.likely("each open port is a line: its number alone"))
}

fn nothing_open(stage: &mut Stage) -> Result<(), Failure> {
    let first = stage.free_ports(10);
    scans(stage, Ipv4Addr::LOCALHOST, (first, first + 9), &[])
}

fn borders(stage: &mut Stage) -> Result<(), Failure> {
    if is_used(9_980..=10_020) {
        return Ok(()); // without a sandbox somebody else may listen there
    }
    // Around 10,000, where the order of texts is another than that of numbers.
    let first = stage.chance.u16(9_980..9_990);
    let last = stage.chance.u16(10_010..10_020);
    let between = [first + 3, 9_995, 10_005, last - 3];
    let open = [&[first], &between[..], &[last]].concat();
    scans(stage, Ipv4Addr::LOCALHOST, (first, last), &open)
}

fn one_port(stage: &mut Stage) -> Result<(), Failure> {
    let port = stage.free_ports(1);
    for open in [&[port][..], &[]] {
        scans(stage, Ipv4Addr::LOCALHOST, (port, port), open).map_err(|failure| {
            let cause =
                "the first port and the last may be the same: then it is the range";
            failure.certain(cause).hint(2)
        })?;
    }
    Ok(())
}

fn all_open(stage: &mut Stage) -> Result<(), Failure> {
    let first = stage.free_ports(40);
    let open: Vec<_> = (first..first + 40).collect();
    scans(stage, Ipv4Addr::LOCALHOST, (first, first + 39), &open)
}

fn other_host(stage: &mut Stage) -> Result<(), Failure> {
    if !cfg!(target_os = "linux") {
        return Ok(()); // elsewhere 127.0.0.1 is the only address of its kind
    }
    let first = stage.free_ports(10);
    let host = loopback(stage);
    let wrong = (Ipv4Addr::LOCALHOST, first + stage.chance.u16(6..9));
    let _door = stage.door_at(wrong.into())?;
    let open = first + stage.chance.u16(1..5);
    scans(stage, host, (first, first + 9), &[open])
        .map_err(|failure| failure.certain("the host is the first argument").hint(3))
}

fn six(stage: &mut Stage) -> Result<(), Failure> {
    let first = stage.free_ports(10);
    let open = first + stage.chance.u16(1..9);
    if stage.door_at((Ipv6Addr::LOCALHOST, open).into()).is_err() {
        return Ok(()); // a machine without IPv6
    }
    scans(stage, Ipv6Addr::LOCALHOST, (first, first + 9), &[open]).map_err(|failure| {
        let cause = "the host is an IP address of either family: an IpAddr, and a socket of its \
                     family";
        failure.certain(cause).hint(3)
    })
}

fn last_of_all(stage: &mut Stage) -> Result<(), Failure> {
    let first = stage.chance.u16(65_500..65_530);
    if is_used(first..=u16::MAX) {
        return Ok(());
    }
    scans(stage, Ipv4Addr::LOCALHOST, (first, u16::MAX), &[u16::MAX]).map_err(|failure| {
        let cause = "after port 65535 there is none: a u16 that is counted up from there \
                     overflows";
        failure.certain(cause).hint(2)
    })
}

fn large_range(stage: &mut Stage) -> Result<(), Failure> {
    let count = stage.chance.u16(1_100..1_200);
    let first = stage.free_ports(count);
    let last = first + count - 1;
    scans(stage, Ipv4Addr::LOCALHOST, (first, last), &[last]).map_err(|failure| {
        let cause = "the descriptors ran out (each socket is to be closed before the next port's \
                     turn, or soon after), or not all ports of a large range are tried";
        failure.certain(cause).hint(3)
    })
}

fn silent_port(stage: &mut Stage) -> Result<(), Failure> {
    in_time(stage, scans_past_silence)
}

fn scans_past_silence(stage: &mut Stage) -> Result<Option<Attempts>, Failure> {
    let first = stage.free_ports(12);
    let silent = first + stage.chance.u16(2..5);
    let silent = [silent, silent + 1];
    let addresses = silent.map(|port| (Ipv4Addr::LOCALHOST, port).into());
    let _silences = [stage.silence(addresses[0])?, stage.silence(addresses[1])?];
    let open = [first + stage.chance.u16(7..12)];
    let doors = starts(
        stage,
        Ipv4Addr::LOCALHOST.into(),
        (first, first + 11),
        &open,
    )?;
    let attempts = Attempts::of(stage.program()?, &addresses, enough(2));
    waits_too_long(attempts, enough(2))?;
    found(stage, &doors, (first, first + 11), &open).map_err(|failure| {
        let cause = if silent
            .iter()
            .any(|port| failure.seen.contains(&port.to_string()))
        {
            "a port that does not answer is not open: no connection was made"
        } else {
            "an attempt that timed out has failed as one that was refused: the next port \
             has its turn"
        };
        failure
            .certain(cause)
            .hint(2)
            .read("A host that does not answer")
    })?;
    waits_long_enough(attempts)?;
    Ok(attempts)
}

fn is_used(ports: RangeInclusive<u16>) -> bool {
    let listeners = checker::sockets::listeners();
    listeners.iter().any(|one| ports.contains(&one.port()))
}

/// Opens these ports, has the program scan the range, and compares.
fn scans(
    stage: &mut Stage,
    host: impl Into<IpAddr>,
    (first, last): (u16, u16),
    open: &[u16],
) -> Result<(), Failure> {
    let doors = starts(stage, host.into(), (first, last), open)?;
    found(stage, &doors, (first, last), open)
}

/// Opens these ports, and starts the program on the range.
fn starts(
    stage: &mut Stage,
    host: IpAddr,
    (first, last): (u16, u16),
    open: &[u16],
) -> Result<Vec<Door>, Failure> {
    let doors = open
        .iter()
        .map(|port| stage.door_at(SocketAddr::new(host, *port)));
    let doors: Result<Vec<Door>, Failure> = doors.collect();
    let args = [host.to_string(), first.to_string(), last.to_string()];
    stage.starts(args)?;
    doors
}

/// Expects these ports on its output, and that it came to each of them.
fn found(
    stage: &mut Stage,
    doors: &[Door],
    (first, last): (u16, u16),
    open: &[u16],
) -> Result<(), Failure> {
    let ended = stage.program()?.ends_with_lines();
    let (status, lines) = ended.map_err(|failure| {
        let cause = "a connection that was made is to be closed again at once: nothing is sent \
                     there, and nothing waited for";
        match doors.iter().any(|door| matches!(door.lets_in_who_waits(), Ok(Some(_)))) {
            true => failure.certain(cause).hint(3),
            false => failure,
        }
    })?;
    let wanted: Vec<_> = open.iter().map(ToString::to_string).collect();
    if lines == wanted {
        if !status.success() {
            let failure = Failure::new("exit code 0", said(status));
            return Err(failure
                .likely("the exit code is 0, however many ports are open or closed"));
        }
        return doors.iter().try_for_each(came_and_left);
    }
    let refused = !status.success() && stage.program()?.complaints().contains("refused");
    let failure = Failure::new(list(&wanted), list(&lines));
    Err(match diagnosis(&lines, &wanted, (first, last), refused) {
        Some((cause, hint)) => failure.likely(cause).hint(hint),
        None => failure,
    })
}

/// What is wrong with these lines where others are wanted, and the hint against it. `refused`:
/// the program has failed, and spoke of a refused connection.
fn diagnosis(
    lines: &[String],
    wanted: &[String],
    (first, last): (u16, u16),
    refused: bool,
) -> Option<(&'static str, u8)> {
    let mut sorted = lines.to_vec();
    sorted.sort_by_key(|line| line.parse::<u16>().unwrap_or_default());
    let extra = lines.iter().any(|line| !wanted.contains(line));
    let lacks_only = |port: u16| {
        let port = port.to_string();
        let one_is_missing = lines.len() + 1 == wanted.len() && wanted.len() > 1;
        one_is_missing && wanted.contains(&port) && !lines.contains(&port)
    };
    if sorted == wanted {
        Some(("these are the open ports, in another order", 2))
    } else if extra && lines.iter().all(|line| line.parse::<u16>().is_ok()) {
        Some((
            "a port is printed on which nobody listens: connect did not succeed there, with \
             a new socket",
            1,
        ))
    } else if extra {
        Some(("each open port is a line: its number alone", 3))
    } else if lacks_only(last) {
        Some(("the last port of the range is left out", 2))
    } else if lacks_only(first) {
        Some(("the first port of the range is left out", 2))
    } else if lines.is_empty() && refused {
        Some(("a refused connection ended the program: it is an answer", 1))
    } else if lines.len() < wanted.len() {
        Some((
            "an open port is missing: each port is to be tried, with a new socket",
            1,
        ))
    } else {
        None
    }
}

/// Somebody has connected here, and said nothing.
fn came_and_left(door: &Door) -> Result<(), Failure> {
    let Some(mut peer) = who_came(door)? else {
        let expected = format!("a connection to {}", door.address());
        let failure = Failure::new(expected, "the port is printed, and nobody came");
        return Err(
            failure.certain("a port counts as open only when connect has succeeded")
        );
    };
    said_nothing(&mut peer)
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
