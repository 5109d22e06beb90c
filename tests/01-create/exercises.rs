//! The exercises of lesson 01, and what their checks do.

use std::io;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};

use crate::{Exercise, Kind, Stage, Step, Trouble, said};

/// All of them, in the order of the chapter.
pub const EXERCISES: &[Exercise] = &[DESCRIPTOR_LEAK, SOCKET_KINDS];

const DESCRIPTOR_LEAK: Exercise = Exercise {
    name: "descriptor-leak",
    lesson: "01-create",
    kind: Kind::Repair,
    task: "make a program that can make any number of sockets, one after another",
    section: "Too many open files (EMFILE)",
    hints: [
        "What does `ulimit -n` say? Compare it with the number of sockets at which the \
         program gives up.",
        "A socket is closed when its owner drops it. Which variable owns the sockets, and \
         how long does it live?",
        "Keep one socket and a number: `let mut last = None;`, and in the loop \
         `last = Some(Socket::new(…)?)`. What was in there before is dropped.",
    ],
    steps: &[
        Step {
            says: "a few sockets are made, and their number is printed",
            play: a_few,
        },
        Step {
            says: "more sockets are made than a program may have descriptors",
            play: many,
        },
        Step {
            says: "while it waits for Enter, one socket is open: the last",
            play: one_open,
        },
        Step {
            says: "after Enter it ends with exit code 0",
            play: enter,
        },
    ],
};

fn a_few(stage: &mut Stage) -> Result<(), Trouble> {
    let count = stage.chance.usize(10..60);
    made(stage, count).map_err(|trouble| {
        trouble.because("the line is `made`, a space, and the number of the argument")
    })
}

fn many(stage: &mut Stage) -> Result<(), Trouble> {
    // Less than twice the limit: who empties a full list once has many open at the end.
    let count = stage.chance.usize(1100..2000);
    let made = made(stage, count);
    let ended = stage.program()?.ended().is_some();
    made.map_err(|trouble| {
        if ended {
            let cause = "the sockets that were made stay open, and a program may have only \
                         so many descriptors: 1024 here";
            trouble.surely(cause).hint(2)
        } else {
            let cause = "not all sockets were made: an error was passed over, or the \
                         program stops on its own";
            trouble.because(cause).hint(1)
        }
    })
}

/// Starts the program, and waits for its line.
fn made(stage: &mut Stage, count: usize) -> Result<(), Trouble> {
    let program = stage.starts([count.to_string()])?;
    let wanted = format!("made {count}");
    let line = program.prints(&format!("the line \"{wanted}\""), |all| {
        let end = all.iter().position(|byte| *byte == b'\n')?;
        Some(String::from_utf8_lossy(&all[..end]).trim_end().to_string())
    });
    let line = line.map_err(|trouble| {
        if matches!(trouble.kind, crate::TroubleKind::Timeout) {
            trouble.because("it has printed no whole line yet, and waits already")
        } else {
            trouble.because("it ended before it had printed its line")
        }
    })?;
    if line == wanted {
        return Ok(());
    }
    let (wanted, seen) = (format!("the line \"{wanted}\""), format!("\"{line}\""));
    Err(Trouble::fail(wanted, seen))
}

fn one_open(stage: &mut Stage) -> Result<(), Trouble> {
    let program = stage.program()?;
    let open = program.open_sockets();
    let expected = "one open socket while it waits";
    // A program that does not wait is given the time to end: then its sockets tell nothing.
    let time = Duration::from_millis(if open == Some(0) { 500 } else { 30 });
    if let Ok(status) = program.wait(time) {
        let seen = format!("it ended with {}", said(status));
        let trouble = Trouble::fail(expected, seen);
        return Err(trouble.because("it does not wait for Enter").hint(1));
    }
    match open {
        Some(1) | None => Ok(()),
        Some(0) => Err(Trouble::fail(expected, "none")
            .because("no socket is left: the last one is to stay open until Enter")
            .hint(3)),
        Some(open) => {
            let trouble = Trouble::fail(expected, format!("{open} open sockets"));
            let cause = "sockets are closed too late: each is to be closed when the next \
                         one is there";
            Err(trouble.because(cause).hint(3))
        }
    }
}

fn enter(stage: &mut Stage) -> Result<(), Trouble> {
    let program = stage.program()?;
    program.types("\n")?;
    program.ends_well().map_err(|trouble| {
        trouble.because("Enter was typed, and it waits for something else")
    })
}

const SOCKET_KINDS: Exercise = Exercise {
    name: "socket-kinds",
    lesson: "01-create",
    kind: Kind::Build,
    task: "write a program that says which kinds of sockets the kernel makes, and why not",
    section: "One socket",
    hints: [
        "Take the words apart with split('/'). Socket::new takes a Domain, a Type, and a \
         protocol: None, or Some of one.",
        "Look at both cases with match: Ok gives `ok`; an error is asked for its name, \
         shared::explain(&error).name, and ends nothing.",
        "Three small functions with a match each turn a word into a Domain, a Type, a \
         Protocol; for any other word they return None. In a function that returns an \
         Option, `?` gives up at a None.",
    ],
    steps: &[
        Step {
            says: "a usual kind is ok",
            play: usual,
        },
        Step {
            says: "several kinds give a line each, in their order",
            play: several,
        },
        Step {
            says: "a protocol that does not belong to the type is refused, by name",
            play: not_belonging,
        },
        Step {
            says: "a raw socket needs a protocol",
            play: raw,
        },
        Step {
            says: "a raw socket with a protocol needs a right",
            play: rights,
        },
        Step {
            says: "a word that is none is unknown, and the next kind has its turn",
            play: unknown,
        },
        Step {
            says: "there may be more kinds than descriptors",
            play: crowd,
        },
    ],
};

const USUAL: [&str; 6] = [
    "inet/stream",
    "inet/dgram",
    "unix/stream",
    "unix/dgram",
    "inet/stream/tcp",
    "inet/dgram/udp",
];

fn usual(stage: &mut Stage) -> Result<(), Trouble> {
    let kind = USUAL[stage.chance.usize(..4)];
    outcomes(stage, &[kind]).map_err(|trouble| {
        trouble.because("the line is the argument as it came, a space, and the outcome")
    })
}

fn several(stage: &mut Stage) -> Result<(), Trouble> {
    let mut kinds = [&USUAL[..], &["inet6/stream", "inet6/dgram"]].concat();
    stage.chance.shuffle(&mut kinds);
    outcomes(stage, &kinds).map_err(|trouble| {
        trouble.because("each argument is a kind, and gets its own line")
    })
}

fn not_belonging(stage: &mut Stage) -> Result<(), Trouble> {
    let mut refused = ["inet/stream/udp", "inet/dgram/tcp", "inet/stream/icmp"];
    stage.chance.shuffle(&mut refused);
    let [one, other, _] = refused;
    outcomes(stage, &[one, "inet/stream/tcp", other, "inet/stream"])
        .map_err(|trouble| trouble.because("this is not the error that the kernel gave"))
}

fn raw(stage: &mut Stage) -> Result<(), Trouble> {
    let mut kinds = ["inet/raw", "unix/raw", "inet/dgram"];
    stage.chance.shuffle(&mut kinds);
    outcomes(stage, &kinds).map_err(|trouble| {
        trouble
            .because("the type raw was not asked for, or the outcome was guessed")
            .read("Protocol not supported (EPROTONOSUPPORT)")
    })
}

fn rights(stage: &mut Stage) -> Result<(), Trouble> {
    let mut kinds = ["inet/raw/icmp", "inet6/raw/icmpv6", "inet/raw/udp"];
    stage.chance.shuffle(&mut kinds);
    outcomes(stage, &kinds).map_err(|trouble| {
        trouble
            .because(
                "this is not the error that the kernel gave: not every refusal is EACCES",
            )
            .read("Operation not permitted (EPERM)")
    })
}

fn unknown(stage: &mut Stage) -> Result<(), Trouble> {
    // A word with a z at its end is no family, type or protocol.
    let [a, b, c] = [stage.word(), stage.word(), stage.word()].map(|word| word + "z");
    let kinds = [
        format!("{a}/stream"),
        "unix/dgram".into(),
        format!("inet/{b}"),
        format!("inet/stream/{c}"),
        "inet/stream".into(),
    ];
    outcomes(stage, &kinds.each_ref().map(String::as_str)).map_err(|trouble| {
        trouble
            .surely("a word that the program does not know makes the outcome `unknown`")
            .hint(3)
    })
}

fn crowd(stage: &mut Stage) -> Result<(), Trouble> {
    let count = stage.chance.usize(1100..1400);
    let kinds: Vec<_> = (0..count).map(|_| USUAL[stage.chance.usize(..6)]).collect();
    outcomes(stage, &kinds)
        .map_err(|trouble| trouble.because("the last kinds were not as the first ones"))
}

/// Starts the program with these kinds, and expects the truth of each.
fn outcomes(stage: &mut Stage, kinds: &[&str]) -> Result<(), Trouble> {
    let args: Vec<_> = kinds.iter().map(|kind| kind.to_string()).collect();
    let (status, lines) = stage.starts(args)?.ends_with_lines()?;
    for (number, kind) in kinds.iter().enumerate() {
        let wanted = format!("{kind} {}", truth(kind));
        let place = format!("line {}: \"{wanted}\"", number + 1);
        let Some(line) = lines.get(number) else {
            let seen =
                format!("{} lines, then the end with {}", lines.len(), said(status));
            let trouble = Trouble::fail(place, seen);
            return Err(match number.checked_sub(1).map(|last| truth(kinds[last])) {
                Some(last) if last != "ok" => trouble
                    .because("it ended at a refusal: an error is a line, and no end")
                    .hint(2),
                _ => trouble,
            });
        };
        let line = line.trim_end();
        if line != wanted {
            let trouble = Trouble::fail(place, format!("\"{line}\""));
            let outcome = line.strip_prefix(kind).map(str::trim_start);
            return Err(
                match outcome.and_then(|outcome| supposed(outcome, &wanted)) {
                    Some((cause, hint)) => trouble.because(cause).hint(hint),
                    None => trouble,
                },
            );
        }
    }
    if lines.len() > kinds.len() {
        let expected = format!("{} lines", kinds.len());
        let trouble = Trouble::fail(expected, format!("{} lines", lines.len()));
        return Err(trouble.because("there are more lines than kinds"));
    }
    if !status.success() {
        let trouble = Trouble::fail("exit code 0", said(status));
        return Err(
            trouble.because("a kind that is refused is no failure of the program")
        );
    }
    Ok(())
}

/// What this outcome gives away of its program, and the hint against it.
fn supposed(outcome: &str, wanted: &str) -> Option<(&'static str, u8)> {
    if outcome == "EMFILE" {
        let cause = "the sockets are kept: one is to be dropped before the next is made";
        return Some((cause, 2));
    }
    if outcome == "ok" && !wanted.ends_with(" unknown") {
        let cause = "the kernel was not asked for this very kind: hand all words of the \
                     argument on to Socket::new";
        return Some((cause, 1));
    }
    let name = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    if wanted.rsplit(' ').next()?.starts_with('E') && !outcome.bytes().all(name) {
        return Some(("the error is to be told by its name, in capitals", 2));
    }
    None
}

/// What comes out for this kind: the judge makes the socket itself. In its cage it has a
/// right that the program has not: there a raw socket is refused to it.
fn truth(kind: &str) -> String {
    match made_here(kind) {
        None => "unknown".into(),
        Some(Ok(kind)) if kind == Type::RAW && crate::cage::caged() => "EPERM".into(),
        Some(Ok(_)) => "ok".into(),
        Some(Err(error)) => name(&error),
    }
}

/// The type of the socket, or why there is none; `None` for unknown words.
fn made_here(kind: &str) -> Option<io::Result<Type>> {
    let mut words = kind.split('/');
    let family = match words.next()? {
        "inet" => Domain::IPV4,
        "inet6" => Domain::IPV6,
        "unix" => Domain::UNIX,
        _ => return None,
    };
    let kind = match words.next()? {
        "stream" => Type::STREAM,
        "dgram" => Type::DGRAM,
        "raw" => Type::RAW,
        _ => return None,
    };
    let protocol = match words.next() {
        None => None,
        Some("tcp") => Some(Protocol::TCP),
        Some("udp") => Some(Protocol::UDP),
        Some("icmp") => Some(Protocol::ICMPV4),
        Some("icmpv6") => Some(Protocol::ICMPV6),
        Some(_) => return None,
    };
    // Linux makes a datagram socket of unix/raw, for which nobody needs a right.
    let kind_made = |socket: Socket| socket.r#type();
    Some(Socket::new(family, kind, protocol).and_then(kind_made))
}

#[cfg(unix)]
fn name(error: &io::Error) -> String {
    let number = error.raw_os_error().unwrap_or_default();
    format!("{:?}", nix::errno::Errno::from_raw(number))
}

#[cfg(not(unix))]
fn name(error: &io::Error) -> String {
    error.to_string()
}
