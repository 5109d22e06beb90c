//! `two-voices`: the task, and what its check does.

use std::time::Duration;

use checker::{
    Exercise, Failure, FailureKind, Kind, Peer, Stage, Step, quoted, wakes_at_once,
};

use crate::select::{connects, sleeps, two_peers};

/// The exercise, and the steps of its check.
pub const EXERCISE: Exercise = Exercise {
    name: "two-voices",
    lesson: "10-select",
    kind: Kind::Build,
    task: "write a client that hears two peers at once, whoever speaks first",
    section: "Step 3: a new set each time",
    hints: [
        "Don't decide who is to speak next. Put both sockets into one set, or give each a \
         thread, and serve the one that has something.",
        "After select, read once: it gives what has come, be it half a line or three. Keep \
         the beginning of a line in a Vec<u8> for each peer, and no BufReader.",
        "A peer that has ended is readable for ever: take it out of the list. Append each \
         piece to line, then print and drain everything up to its last b'\\n'.",
    ],
    steps: &[
        Step {
            says: "the program connects to both addresses",
            play: connects,
        },
        Step {
            says: "a line is printed as soon as it has come",
            play: first_line,
        },
        Step {
            says: "they speak in any order, and each is heard at once",
            play: any_order,
        },
        Step {
            says: "the peers hear nothing from it",
            play: says_nothing,
        },
        Step {
            says: "several lines that come together are all printed",
            play: together,
        },
        Step {
            says: "half a line of one holds up no line of the other",
            play: half_a_line,
        },
        Step {
            says: "both speak at the same time, and each line stays whole",
            play: at_the_same_time,
        },
        Step {
            says: "bytes that are no text are printed unchanged",
            play: any_bytes,
        },
        Step {
            says: "a long line is printed in one piece",
            play: long_line,
        },
        Step {
            says: "while nobody speaks, the program sleeps",
            play: sleeps,
        },
        Step {
            says: "one has ended: the other is heard, then the program ends, too",
            play: one_ends,
        },
        Step {
            says: "a peer that resets ends neither the other nor the program",
            play: one_resets,
        },
    ],
};

/// Lines with the names of those who have said them.
fn named(line: &[(usize, &[u8])]) -> Vec<u8> {
    let named = |(peer, line): &(usize, &[u8])| {
        [format!("{}: ", peer + 1).as_bytes(), line, b"\n"].concat()
    };
    line.iter().flat_map(named).collect()
}

const NAMES: &str = "in front of each line stands who has said it: `1: ` for the peer of the \
                     first argument, `2: ` for that of the second";

const EARLY: &str = "a name was printed before its line had come: both go out together, when \
                     the line is whole";

/// Whether there is a name with no line after it.
fn names_stand_alone(printed: &str) -> bool {
    let twice = ["1: 2: ", "2: 1: "].iter().any(|it| printed.contains(it));
    twice || ["1: ", "2: "].contains(&printed)
}

fn first_line(stage: &mut Stage) -> Result<(), Failure> {
    let line = stage.word();
    let mut peers = two_peers(stage)?;
    peers[0].says(format!("{line}\n"))?;
    let expected = named(&[(0, line.as_bytes())]);
    let program = stage.program()?;
    program.has_printed(&expected).map_err(|failure| {
        let printed = String::from_utf8_lossy(&program.output()).into_owned();
        let cause = if names_stand_alone(&printed) {
            EARLY
        } else if printed.contains(&line) && !printed.contains(&format!("1: {line}\n")) {
            NAMES
        } else if program.complaints().contains(&line) {
            "the line is on standard error: lines go to standard output"
        } else if printed.is_empty() {
            "a line that has come is to be printed now: it waits in your program, perhaps \
             in a buffer before standard output: flush it"
        } else {
            "standard output is for the lines alone: something else was printed there"
        };
        failure.likely(cause)
    })
}

fn any_order(stage: &mut Stage) -> Result<(), Failure> {
    let mut peers = two_peers(stage)?;
    let mut expected = Vec::new();
    // At last one speaks twice, then the other: that is no taking turns.
    // The second one is the first to speak.
    let mut order = vec![1];
    order.extend((0..4).map(|_| stage.chance.usize(..2)));
    order.extend([1, 1, 0, 0, 1]);
    for peer in order {
        let line = stage.word();
        expected.extend(named(&[(peer, line.as_bytes())]));
        peers[peer].says(format!("{line}\n"))?;
        let program = stage.program()?;
        program.has_printed(&expected).map_err(|failure| {
            let printed = String::from_utf8_lossy(&program.output()).into_owned();
            if names_stand_alone(&printed) {
                return failure.likely(EARLY);
            }
            if failure.kind == FailureKind::Fail {
                return failure.likely(NAMES);
            }
            failure.likely(
                "your program waits for one peer only, while the other one speaks: it has \
                 to wait for both at once",
            )
        })?;
    }
    wakes_at_once(|| {
        let line = stage.word();
        expected.extend(named(&[(0, line.as_bytes())]));
        peers[0].says(format!("{line}\n"))?;
        stage.program()?.has_printed(&expected)
    })
}

const ONLY_HEARD: &str = "the peers are only heard: nothing is to be said to them, and no end \
                          of the sending, either";

fn says_nothing(stage: &mut Stage) -> Result<(), Failure> {
    let mut peers = two_peers(stage)?;
    let mut expected = Vec::new();
    for (number, peer) in peers.iter_mut().enumerate() {
        let line = stage.word();
        expected.extend(named(&[(number, line.as_bytes())]));
        peer.says(format!("{line}\n"))?;
        // Nothing is left unread: a program that ends too early sends no reset for it.
        stage.program()?.has_printed(&expected)?;
    }
    for peer in &mut peers {
        let silent = peer.hears_nothing_for(Duration::from_millis(1));
        silent.map_err(|failure| failure.certain(ONLY_HEARD))?;
    }
    for peer in &mut peers {
        peer.half_closes();
    }
    let ended = peers.iter_mut().try_for_each(Peer::hears_the_end);
    ended.map_err(|failure| match failure.bytes {
        Some(_) => failure.certain(ONLY_HEARD),
        None => failure,
    })
}

/// How long the other peer's connection must at least outlive the first one's.
const MOMENT: Duration = Duration::from_millis(120);

fn together(stage: &mut Stage) -> Result<(), Failure> {
    let lines = [stage.word(), String::new(), stage.word()]; // one of them is empty
    let peer = stage.chance.usize(..2);
    let mut peers = two_peers(stage)?;
    peers[peer].says(lines.join("\n") + "\n")?;
    let expected = named(&lines.each_ref().map(|line| (peer, line.as_bytes())));
    stage.program()?.has_printed(&expected).map_err(|failure| {
        let first = format!("{}: {}", peer + 1, lines[0]);
        if failure.kind == FailureKind::Fail && !failure.seen.contains(&first) {
            return failure.likely(NAMES);
        }
        if failure.seen.contains(&lines[2]) {
            let cause = "one read may bring several lines: each has its own name in front, \
                         also an empty one";
            return failure.likely(cause).hint(2);
        }
        let cause = "the other lines have come, too: they are in a buffer of your program, \
                     and the kernel knows nothing of that; or they were thrown away";
        failure.likely(cause).read("Step 4: the keyboard")
    })
}

fn half_a_line(stage: &mut Stage) -> Result<(), Failure> {
    let (half, rest, line) = (stage.word(), stage.word(), stage.word());
    let slow = stage.chance.usize(..2);
    let mut peers = two_peers(stage)?;
    peers[slow].says_apart([half.as_bytes()])?; // and it was read
    peers[1 - slow].says(format!("{line}\n"))?;
    let other = named(&[(1 - slow, line.as_bytes())]);
    stage.program()?.has_printed(&other).map_err(|failure| {
        if failure.seen.contains(&format!("{half}{line}")) {
            let cause = "half a line of the one stands in a line of the other: each peer \
                         has a buffer of its own";
            return failure.likely(cause);
        }
        if failure.seen.contains(&half) {
            let cause = "a piece of a line was printed: what one read gives is not always \
                         a line";
            return failure.likely(cause);
        }
        if failure.seen.contains(&line) {
            return failure.likely(NAMES);
        }
        let cause = "after the wait it read until the line had ended, and slept in that: \
                     read once, take what is there, and wait for both again";
        failure.likely(cause).read("Step 7: no call sleeps but select")
    })?;
    peers[slow].says(format!("{rest}\n"))?;
    let whole = half + &rest;
    let expected = [other, named(&[(slow, whole.as_bytes())])].concat();
    stage.program()?.has_printed(&expected).map_err(|failure| {
        let cause = "the two pieces of a line are one line";
        failure.likely(cause)
    })
}

const MIXED: &str = "both peers spoke at the same time, and their lines are mixed, or some are lost: a \
                     name and its line go out in one write, or under one lock";

/// So many lines each says: somebody who prints a line in two writes may be lucky with few.
const MANY: usize = 4000;

/// Both say many lines, which all lie there when the program looks again: two threads print
/// at the same time then.
fn at_the_same_time(stage: &mut Stage) -> Result<(), Failure> {
    let word = stage.word();
    let mut peers = two_peers(stage)?;
    let lines: Vec<_> = (0..MANY).map(|line| format!("{word} {line}\n")).collect();
    stage.while_it_is_stopped(|_| {
        let mut both = peers.iter_mut();
        both.try_for_each(|peer| peer.says(lines.concat()))
    })?;
    let of = |name: &str| -> String {
        lines.iter().map(|line| format!("{name}{line}")).collect()
    };
    let all = of("1: ").len() + of("2: ").len();
    let want = format!("{MANY} lines of each, in order");
    let printed = stage.program()?.prints(&want, |printed| {
        (printed.len() >= all).then(|| printed.to_vec())
    });
    let printed = printed.map_err(|failure| failure.likely(MIXED))?;
    let printed = String::from_utf8_lossy(&printed);
    let of_one = |name: &str| -> String {
        let lines = printed.split_inclusive('\n');
        lines.filter(|line| line.starts_with(name)).collect()
    };
    if ["1: ", "2: "].iter().all(|name| of_one(name) == of(name)) {
        return Ok(());
    }
    let failure = Failure::new(want, quoted(printed.as_bytes()));
    Err(failure.certain(MIXED))
}

fn any_bytes(stage: &mut Stage) -> Result<(), Failure> {
    let mut line = b" \xff\0\r\xc3".to_vec();
    let bytes = stage.bytes(300);
    line.extend(bytes.iter().filter(|byte| **byte != b'\n'));
    line.extend(b"\xff\t \r"); // blanks at both ends: they belong to the line
    let peer = stage.chance.usize(..2);
    let mut peers = two_peers(stage)?;
    peers[peer].says([&line[..], b"\n"].concat())?;
    let expected = named(&[(peer, &line)]);
    stage.program()?.has_printed(&expected).map_err(|failure| {
        let cause = "the bytes of a line are to be printed as they came, and all of them: \
                     they need be no text, and blanks or \\r at an end are bytes, too";
        failure.likely(cause).hint(2)
    })
}

fn long_line(stage: &mut Stage) -> Result<(), Failure> {
    let line: Vec<u8> = (0..100_000)
        .map(|_| stage.chance.lowercase() as u8)
        .collect();
    let peer = stage.chance.usize(..2);
    let mut peers = two_peers(stage)?;
    peers[peer].says([&line[..], b"\n"].concat())?;
    let expected = named(&[(peer, &line)]);
    stage.program()?.has_printed(&expected).map_err(|failure| {
        let cause = "a line may be longer than what one read gives, and longer than a \
                     buffer: it ends at its \\n, and nowhere else";
        failure.likely(cause).hint(2)
    })
}

fn one_ends(stage: &mut Stage) -> Result<(), Failure> {
    let [whole, rest, line] = [stage.word(), stage.word(), stage.word()];
    let ended = 0; // of one_resets it is the other one: each is the first to go once
    let [mut gone, mut other] = two_peers(stage)?;
    let program = stage.program()?;
    program.sleeps()?;
    program.rests()?;
    program.stops()?; // so the bytes and the end lie there together when it looks
    gone.says(format!("{whole}\n{rest}"))?;
    drop(gone);
    program.goes_on()?;
    let last = named(&[(ended, whole.as_bytes()), (ended, rest.as_bytes())]);
    let printed = program.has_printed(&last);
    printed.map_err(|failure| no_last_line(failure, &whole, &rest))?;
    program.sleeps().map_err(|failure| {
        let cause =
            "a peer that has ended is readable for ever: it must no longer be asked";
        let failure = failure.certain(cause).hint(2);
        failure.read("A loop that never sleeps")
    })?;
    let cause = "the end of one peer has ended the other one's, too";
    other
        .hears_nothing_for(MOMENT)
        .and_then(|()| other.says(format!("{line}\n")))
        .map_err(|failure| failure.certain(cause))?;
    let expected = [last, named(&[(1 - ended, line.as_bytes())])].concat();
    let heard = program.has_printed(&expected);
    heard.map_err(|failure| {
        let cause = match failure.seen.contains(&line) {
            true => "the end of the first peer changes no name: who was `2: ` still is",
            false => cause,
        };
        failure.likely(cause)
    })?;
    drop(other);
    both_ended(stage, &expected)
}

/// Why a whole line, and one without an end after it, were not printed when their peer ended.
fn no_last_line(failure: Failure, whole: &str, rest: &str) -> Failure {
    let cause = if !failure.seen.contains(whole) {
        "bytes and the end of the stream were there at the same time: what came before the \
         end goes out first"
    } else if failure.seen.contains(&format!("{rest}\\n")) {
        NAMES
    } else {
        "the last line had no end of its own, and is a line all the same: it is printed as \
         soon as its peer has ended"
    };
    failure.likely(cause)
}

/// Expects the end of the program, and nothing more printed before it.
fn both_ended(stage: &mut Stage, expected: &[u8]) -> Result<(), Failure> {
    let program = stage.program()?;
    program.ends_well().map_err(|failure| match failure.kind {
        FailureKind::Timeout => {
            failure.likely("both have ended: there is nothing to wait for")
        }
        _ => failure.likely("both have ended, and nothing was wrong: exit code 0"),
    })?;
    let printed = program.output();
    if printed == expected {
        return Ok(());
    }
    let more = printed.strip_prefix(expected).unwrap_or(&printed);
    let failure = Failure::new("nothing more after the last line", quoted(more));
    Err(failure
        .certain("no line was begun when the peer ended: so there is none to print"))
}

fn one_resets(stage: &mut Stage) -> Result<(), Failure> {
    let [half, line] = [stage.word(), stage.word()];
    let peer = 1;
    let [mut other, mut lost] = two_peers(stage)?;
    lost.says(&half)?;
    let program = stage.program()?;
    program.sleeps()?; // it has read the half line
    lost.resets();
    let cause = "a reset is the end of one peer, and no more than that";
    let last = named(&[(peer, half.as_bytes())]);
    program.has_printed(&last).map_err(|failure| {
        let cause = match failure.kind {
            FailureKind::Timeout => {
                "a reset ends a peer as an end does: what has come of its last line is \
                 printed"
            }
            _ => cause,
        };
        failure.likely(cause).read("A peer that resets")
    })?;
    program.sleeps()?;
    other
        .says(format!("{line}\n"))
        .map_err(|failure| failure.likely(cause).read("A peer that resets"))?;
    let expected = [last, named(&[(1 - peer, line.as_bytes())])].concat();
    let heard = program.has_printed(&expected);
    heard.map_err(|failure| failure.certain(cause).read("A peer that resets"))?;
    drop(other);
    both_ended(stage, &expected)
}
