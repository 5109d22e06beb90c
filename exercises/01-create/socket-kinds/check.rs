//! `socket-kinds`: the task, and what its check does.

use std::io;

use checker::{Exercise, Failure, Kind, Numbered, Stage, Step, said};
use socket2::{Domain, Protocol, Socket, Type};

/// The exercise, and the steps of its check.
pub const EXERCISE: Exercise = Exercise {
    name: "socket-kinds",
    lesson: "01-create",
    kind: Kind::Build,
    task: "write a program that says which kinds of sockets the kernel makes, and why not",
    section: "Step 3: an error is a value",
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
            says: "what the kernel allows today it may refuse tomorrow: it is asked each time",
            play: asked,
        },
        Step {
            says: "a word that is none is unknown, and the next kind has its turn",
            play: unknown,
        },
        Step {
            says: "there may be more kinds than descriptors",
            play: crowd,
        },
        Step {
            says: "one word is no kind, and four words are none",
            play: count_of_words,
        },
        Step {
            says: "a word is known as it is written: no capitals, no blanks, and not empty",
            play: as_written,
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

fn usual(stage: &mut Stage) -> Result<(), Failure> {
    let kind = USUAL[stage.chance.usize(..4)];
    outcomes(stage, &[kind]).map_err(|failure| {
        failure.likely("the line is the argument as it came, a space, and the outcome")
    })
}

fn several(stage: &mut Stage) -> Result<(), Failure> {
    let mut kinds = [&USUAL[..], &["inet6/stream", "inet6/dgram"]].concat();
    stage.chance.shuffle(&mut kinds);
    outcomes(stage, &kinds).map_err(|failure| {
        failure.likely("each argument is a kind, and gets its own line")
    })
}

fn not_belonging(stage: &mut Stage) -> Result<(), Failure> {
    let mut refused = ["inet/stream/udp", "inet/dgram/tcp", "inet/stream/icmp"];
    stage.chance.shuffle(&mut refused);
    let [one, other, _] = refused;
    // A protocol of the internet is none of the family unix.
    let unix = ["unix/stream/tcp", "unix/dgram/udp"][stage.chance.usize(..2)];
    outcomes(stage, &[one, "inet/stream/tcp", other, "inet/stream", unix])
        .map_err(|failure| failure.likely("this is not the error that the kernel gave"))
}

fn raw(stage: &mut Stage) -> Result<(), Failure> {
    let mut kinds = ["inet/raw", "unix/raw", "inet/dgram"];
    stage.chance.shuffle(&mut kinds);
    outcomes(stage, &kinds).map_err(|failure| {
        failure
            .likely("the type raw was not asked for, or the outcome was guessed")
            .read("Protocol not supported (EPROTONOSUPPORT)")
    })
}

fn rights(stage: &mut Stage) -> Result<(), Failure> {
    let mut kinds = ["inet/raw/icmp", "inet6/raw/icmpv6", "inet/raw/udp"];
    stage.chance.shuffle(&mut kinds);
    outcomes(stage, &kinds).map_err(|failure| {
        failure
            .likely(
                "this is not the error that the kernel gave: not every refusal is EACCES",
            )
            .read("Operation not permitted (EPERM)")
    })
}

/// Who may send pings without the right to raw sockets is a setting (icmp(7)): in a sandbox
/// it is the sandbox's own, and the answer is another each time.
fn asked(stage: &mut Stage) -> Result<(), Failure> {
    for range in ["1 0", "0 0"] {
        checker::sandbox::pings_for(range);
        let mut kinds = [
            "inet/dgram/icmp",
            "inet/dgram/icmpv6",
            "inet6/dgram/icmp",
            "inet6/dgram/icmpv6",
            "inet/stream",
        ];
        stage.chance.shuffle(&mut kinds);
        outcomes(stage, &kinds).map_err(|failure| {
            failure.likely(
                "the kernel was not asked for this very kind, or this is not what it said",
            )
        })?;
    }
    Ok(())
}

fn count_of_words(stage: &mut Stage) -> Result<(), Failure> {
    let mut kinds = [
        "inet",
        "stream",
        "inet/stream/tcp/tcp",
        "inet6/dgram/udp/stream",
        "unix/stream",
    ];
    stage.chance.shuffle(&mut kinds);
    outcomes(stage, &kinds).map_err(|failure| {
        failure
            .certain(
                "a kind has two words or three: with one, or with four, an argument is \
                 `unknown`",
            )
            .hint(3)
    })
}

fn as_written(stage: &mut Stage) -> Result<(), Failure> {
    let mut kinds = [
        "INET/stream",
        "inet/Dgram",
        " inet/stream",
        "inet/dgram ",
        "inet/stream/",
        "/dgram",
        "",
        "inet/dgram",
    ];
    stage.chance.shuffle(&mut kinds);
    outcomes(stage, &kinds).map_err(|failure| {
        let cause = "an argument is taken as it came: with a capital, a blank or an empty \
                     word it is no kind, and `unknown`";
        failure.certain(cause).hint(3)
    })
}

fn unknown(stage: &mut Stage) -> Result<(), Failure> {
    // A word with a z at its end is no family, type or protocol.
    let [a, b, c] = [stage.word(), stage.word(), stage.word()].map(|word| word + "z");
    let kinds = [
        "unix/seqpacket".into(), // the kernel knows it, the task does not
        format!("{a}/stream"),
        "unix/dgram".into(),
        format!("inet/{b}"),
        format!("inet/stream/{c}"),
        "inet/stream".into(),
    ];
    outcomes(stage, &kinds.each_ref().map(String::as_str)).map_err(|failure| {
        failure
            .certain("a word that the program does not know makes the outcome `unknown`")
            .hint(3)
    })
}

fn crowd(stage: &mut Stage) -> Result<(), Failure> {
    // Other programs may make sockets meanwhile, but hardly as many each time.
    for _ in 0..2 {
        let count = stage.chance.usize(1300..1400);
        let kinds: Vec<_> = (0..count).map(|_| USUAL[stage.chance.usize(..6)]).collect();
        let numbered = Numbered::from_here();
        outcomes(stage, &kinds).map_err(|failure| {
            failure.likely(
                "the last kinds were not as the first ones, though they are the same",
            )
        })?;
        let Some(made) = numbered.and_then(|numbered| numbered.until_now()) else {
            return Ok(()); // this system numbers its sockets in another way
        };
        // The checker has made as many, to know the truth.
        let made = (made as usize).saturating_sub(count);
        if made < count {
            let expected = format!("{count} sockets, one for each argument");
            let failure = Failure::new(expected, format!("at most {made}"));
            let cause = "an answer was kept and given again: for each argument a socket is \
                         created";
            return Err(failure.certain(cause).hint(1));
        }
    }
    Ok(())
}

/// Starts the program with these kinds, and expects the truth of each.
fn outcomes(stage: &mut Stage, kinds: &[&str]) -> Result<(), Failure> {
    let args: Vec<_> = kinds.iter().map(|kind| kind.to_string()).collect();
    let (status, lines) = stage.starts(args)?.ends_with_lines()?;
    for (number, kind) in kinds.iter().enumerate() {
        let wanted = format!("{kind} {}", truth(kind));
        let place = format!("line {}: \"{wanted}\"", number + 1);
        let Some(line) = lines.get(number) else {
            let seen =
                format!("{} lines, then the end with {}", lines.len(), said(status));
            let failure = Failure::new(place, seen);
            let before = number.checked_sub(1).map(|last| truth(kinds[last]));
            let refused = [before, Some(truth(kind))];
            let refused = refused.iter().flatten().any(|outcome| outcome != "ok");
            return Err(match refused {
                true => failure
                    .likely("it ended at a refusal: an error is a line, and no end")
                    .hint(2),
                false => failure,
            });
        };
        let line = line.trim_end();
        if line != wanted.trim_end() {
            let failure = Failure::new(place, format!("\"{line}\""));
            let own = format!("{kind} ");
            let outcome = line.strip_prefix(&own).map(str::trim_start);
            return Err(
                match outcome.and_then(|outcome| supposed(outcome, &wanted)) {
                    Some((cause, hint)) => failure.likely(cause).hint(hint),
                    None if outcome.is_none() && kinds.iter().any(|one| line.starts_with(one)) => {
                        failure.likely(
                            "each argument has a line of its own, in their order, also one that \
                             was there before",
                        )
                    }
                    None => failure,
                },
            );
        }
    }
    if lines.len() > kinds.len() {
        let expected = format!("{} lines", kinds.len());
        let failure = Failure::new(expected, format!("{} lines", lines.len()));
        return Err(failure.likely("there are more lines than kinds"));
    }
    if !status.success() {
        let failure = Failure::new("exit code 0", said(status));
        return Err(failure.likely("a kind that is refused is no failure of the program"));
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
    if outcome == "unknown" {
        let cause = "a word that the task names was not known: three families, three types, four \
                     protocols";
        return Some((cause, 3));
    }
    if wanted.ends_with(" ok") && outcome.starts_with('E') {
        let cause = "the kernel was asked for something else: where no protocol is named it gets \
                     None, and chooses";
        return Some((cause, 1));
    }
    let name = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    if wanted.rsplit(' ').next()?.starts_with('E') && !outcome.bytes().all(name) {
        return Some(("the error is to be told by its name, in capitals", 2));
    }
    None
}

/// What comes out for this kind: the checker makes the socket itself. In its sandbox it has a
/// right that the program has not: there a raw socket is refused to it.
fn truth(kind: &str) -> String {
    match made_here(kind) {
        None => "unknown".into(),
        Some(Ok(kind)) if kind == Type::RAW && checker::sandbox::sandboxed() => {
            "EPERM".into()
        }
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
    if words.next().is_some() {
        return None;
    }
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
