//! The exercises of lesson 10, and what their checks do.

use crate::{Exercise, Kind, Peer, Stage, Step, Trouble};

/// All of them, in the order of the chapter.
pub const EXERCISES: &[Exercise] = &[TWO_VOICES, SLEEPY_SELECT];

const TWO_VOICES: Exercise = Exercise {
    name: "two-voices",
    lesson: "10-select",
    kind: Kind::Build,
    task: "write a client that hears two peers at once, whoever speaks first",
    section: "The wait",
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
            says: "several lines that come together are all printed",
            play: together,
        },
        Step {
            says: "half a line of one holds up no line of the other",
            play: half_a_line,
        },
        Step {
            says: "bytes that are no text, and long lines, are printed unchanged",
            play: any_bytes,
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

/// Starts the program with two peers of the judge's, and lets it in.
fn two_peers(stage: &mut Stage) -> Result<[Peer; 2], Trouble> {
    let doors = [stage.door()?, stage.door()?];
    stage.starts(doors.iter().map(|door| door.address().to_string()))?;
    let cause = "the program is to connect to both of its arguments before it waits for \
                 anybody";
    let lets_in = |door: &crate::Door| door.lets_in().map_err(|it| it.because(cause));
    Ok([lets_in(&doors[0])?, lets_in(&doors[1])?])
}

/// Lines with the names of those who have said them.
fn named(line: &[(usize, &[u8])]) -> Vec<u8> {
    let named = |(peer, line): &(usize, &[u8])| {
        [format!("{}: ", peer + 1).as_bytes(), line, b"\n"].concat()
    };
    line.iter().flat_map(named).collect()
}

fn connects(stage: &mut Stage) -> Result<(), Trouble> {
    two_peers(stage).map(drop)
}

fn first_line(stage: &mut Stage) -> Result<(), Trouble> {
    let line = stage.word();
    let mut peers = two_peers(stage)?;
    peers[0].says(format!("{line}\n"))?;
    let expected = named(&[(0, line.as_bytes())]);
    stage.program()?.has_printed(&expected).map_err(|trouble| {
        let cause = match trouble.seen.contains(&line) {
            true => "in front of each line stands who has said it: `1: ` or `2: `",
            false => {
                "a line that has come is to be printed now: it waits in your program, \
                 perhaps in a buffer before standard output"
            }
        };
        trouble.because(cause)
    })
}

fn any_order(stage: &mut Stage) -> Result<(), Trouble> {
    let mut peers = two_peers(stage)?;
    let mut expected = Vec::new();
    // At last one speaks twice, then the other: that is no taking turns.
    let mut order: Vec<usize> = (0..4).map(|_| stage.chance.usize(..2)).collect();
    order.extend([1, 1, 0, 0, 1]);
    for peer in order {
        let line = stage.word();
        expected.extend(named(&[(peer, line.as_bytes())]));
        peers[peer].says(format!("{line}\n"))?;
        stage.program()?.has_printed(&expected).map_err(|trouble| {
            trouble.because(
                "your program waits for one peer only, while the other one speaks: it has \
                 to wait for both at once",
            )
        })?;
    }
    Ok(())
}

fn together(stage: &mut Stage) -> Result<(), Trouble> {
    let lines = [stage.word(), stage.word(), stage.word()];
    let peer = stage.chance.usize(..2);
    let mut peers = two_peers(stage)?;
    peers[peer].says(lines.join("\n") + "\n")?;
    let expected = named(&lines.each_ref().map(|line| (peer, line.as_bytes())));
    stage.program()?.has_printed(&expected).map_err(|trouble| {
        if trouble.seen.contains(&lines[2]) {
            let cause = "one read may bring several lines: each has its own name in front";
            return trouble.because(cause).hint(3);
        }
        let cause = "the other lines have come, too: they are in a buffer of your program, \
                     and the kernel knows nothing of that";
        trouble.because(cause).hint(2).read("No buffer before select")
    })
}

fn half_a_line(stage: &mut Stage) -> Result<(), Trouble> {
    let (half, rest, line) = (stage.word(), stage.word(), stage.word());
    let slow = stage.chance.usize(..2);
    let mut peers = two_peers(stage)?;
    peers[slow].says(&half)?;
    std::thread::sleep(crate::PAUSE); // not to wait for anything: this is the split
    peers[1 - slow].says(format!("{line}\n"))?;
    let other = named(&[(1 - slow, line.as_bytes())]);
    stage.program()?.has_printed(&other).map_err(|trouble| {
        if trouble.seen.contains(&half) {
            let cause = "a piece of a line was printed: what one read gives is not always \
                         a line";
            return trouble.because(cause).hint(2);
        }
        let cause = "after the wait it read until the line had ended, and slept in that: \
                     read once, take what is there, and wait for both again";
        trouble.because(cause).hint(2).read("Nonblocking")
    })?;
    peers[slow].says(format!("{rest}\n"))?;
    let whole = half + &rest;
    let expected = [other, named(&[(slow, whole.as_bytes())])].concat();
    stage.program()?.has_printed(&expected).map_err(|trouble| {
        let cause = "the two pieces of a line are one line";
        trouble.because(cause).hint(2)
    })
}

fn any_bytes(stage: &mut Stage) -> Result<(), Trouble> {
    let mut line = vec![0xff, 0, b'\r', 0xc3];
    line.extend(
        stage
            .bytes(20_000)
            .into_iter()
            .filter(|byte| *byte != b'\n'),
    );
    line.push(0xff); // no blank: an answer that trims its lines would fail now and then
    let peer = stage.chance.usize(..2);
    let mut peers = two_peers(stage)?;
    peers[peer].says([&line[..], b"\n"].concat())?;
    let expected = named(&[(peer, &line)]);
    stage.program()?.has_printed(&expected).map_err(|trouble| {
        let cause = "the bytes of a line are to be printed as they came, and all of them: \
                     they need be no text";
        trouble.because(cause).hint(3)
    })
}

fn sleeps(stage: &mut Stage) -> Result<(), Trouble> {
    let _peers = two_peers(stage)?;
    let circles =
        "it asks again and again, and never sleeps: a call that waits is missing";
    let rests = stage.program()?.sleeps();
    rests.map_err(|trouble| trouble.surely(circles).read("A loop that never sleeps"))
}

fn one_ends(stage: &mut Stage) -> Result<(), Trouble> {
    let (rest, line) = (stage.word(), stage.word());
    let ended = stage.chance.usize(..2);
    let [first, second] = two_peers(stage)?;
    let (mut gone, mut other) = match ended {
        0 => (first, second),
        _ => (second, first),
    };
    gone.says(&rest)?;
    drop(gone);
    let last = named(&[(ended, rest.as_bytes())]);
    let program = stage.program()?;
    program.has_printed(&last).map_err(|trouble| {
        trouble.because("the last line had no end of its own, and is a line all the same")
    })?;
    program.sleeps().map_err(|trouble| {
        let cause =
            "a peer that has ended is readable for ever: it must no longer be asked";
        let trouble = trouble.surely(cause).hint(3);
        trouble.read("A loop that never sleeps")
    })?;
    let cause = "the end of one peer has ended the other one's, too";
    other
        .says(format!("{line}\n"))
        .map_err(|trouble| trouble.surely(cause))?;
    let expected = [last, named(&[(1 - ended, line.as_bytes())])].concat();
    let heard = program.has_printed(&expected);
    heard.map_err(|trouble| trouble.because(cause))?;
    drop(other);
    program.ends_well().map_err(|trouble| {
        trouble.because("both have ended: there is nothing to wait for")
    })
}

fn one_resets(stage: &mut Stage) -> Result<(), Trouble> {
    let line = stage.word();
    let peer = stage.chance.usize(..2);
    let [first, second] = two_peers(stage)?;
    let (lost, mut other) = match peer {
        0 => (first, second),
        _ => (second, first),
    };
    lost.resets();
    let program = stage.program()?;
    program.sleeps()?; // it has seen the reset
    let cause = "a reset is the end of one peer, and no more than that";
    other
        .says(format!("{line}\n"))
        .map_err(|trouble| trouble.because(cause).read("A peer that resets"))?;
    let expected = named(&[(1 - peer, line.as_bytes())]);
    let heard = program.has_printed(&expected);
    heard.map_err(|trouble| trouble.surely(cause).read("A peer that resets"))?;
    drop(other);
    let ended = program.ends_well();
    ended.map_err(|trouble| trouble.because("both have ended: exit code 0 is asked for"))
}

const SLEEPY_SELECT: Exercise = Exercise {
    name: "sleepy-select",
    lesson: "10-select",
    kind: Kind::Repair,
    task: "wake a go-between that hears only the one of two peers who speaks first",
    section: "The wait",
    hints: [
        "Look with `strace -e trace=pselect6 -p PID` which descriptors it asks for: the \
         first time, and after somebody has spoken.",
        "select answers in the same set in which it was asked: who is not ready is taken \
         out. What is in `watched` when it is called again?",
        "Keep the question, and give select a copy. FdSet is Copy: `let mut ready = \
         watched;` at the beginning of each turn; select gets `&mut ready`, and \
         `ready.contains` tells who has spoken.",
    ],
    steps: &[
        Step {
            says: "the program connects to both addresses",
            play: connects,
        },
        Step {
            says: "what the first one says reaches the second",
            play: first_speaks,
        },
        Step {
            says: "then what the second says reaches the first",
            play: second_speaks,
        },
        Step {
            says: "they speak in any order, and all of it arrives",
            play: speak_in_any_order,
        },
        Step {
            says: "bytes of every kind arrive unchanged",
            play: passes_any_bytes,
        },
        Step {
            says: "while nobody speaks, the program sleeps",
            play: sleeps,
        },
        Step {
            says: "one has ended: the other is told, and may go on speaking",
            play: one_way_ends,
        },
        Step {
            says: "the reset of one is an end for the other, too",
            play: reset_is_passed_on,
        },
    ],
};

fn first_speaks(stage: &mut Stage) -> Result<(), Trouble> {
    let word = stage.word();
    let [mut first, mut second] = two_peers(stage)?;
    first.says(&word)?;
    second.hears(&word).map_err(|trouble| {
        trouble.surely(
            "what one peer says goes to the other one, at once and also without an end of \
             line",
        )
    })?;
    let more = stage.word();
    first.says(&more)?;
    second.hears(&more).map_err(|trouble| match trouble.kind {
        crate::TroubleKind::Timeout => trouble.surely(ASLEEP).hint(3),
        _ => trouble.because("pass on just the bytes that were read, and no others"),
    })
}

const ASLEEP: &str = "your program reads from a peer that has said nothing, and sleeps \
                      there: only who is ready is to be read";

const TOLD: &str = "after what was said the other one is to see the end of the stream, and \
                    nothing else: shutdown(Write) tells it";

fn second_speaks(stage: &mut Stage) -> Result<(), Trouble> {
    let (question, answer) = (stage.word(), stage.word());
    let [mut first, mut second] = two_peers(stage)?;
    first.says(&question)?;
    second.hears(&question)?;
    second.says(&answer)?;
    first.hears(&answer).map_err(|trouble| {
        let cause = "the second peer was in the set at first, and is not in it any more: \
                     select has taken out who was not ready";
        trouble.surely(cause).hint(2)
    })
}

fn speak_in_any_order(stage: &mut Stage) -> Result<(), Trouble> {
    let mut peers = two_peers(stage)?;
    let mut order: Vec<usize> = (0..4).map(|_| stage.chance.usize(..2)).collect();
    order.extend([1, 1, 0, 0, 1]);
    for peer in order {
        let word = stage.word();
        peers[peer].says(&word)?;
        peers[1 - peer]
            .hears(&word)
            .map_err(|trouble| trouble.surely(ASLEEP).hint(3))?;
    }
    Ok(())
}

fn passes_any_bytes(stage: &mut Stage) -> Result<(), Trouble> {
    let mut peers = two_peers(stage)?;
    let from = stage.chance.usize(..2);
    let bytes = [stage.bytes(100_000), vec![0xff]].concat();
    peers[from].says(&bytes)?;
    peers[1 - from].hears(&bytes).map_err(|trouble| {
        trouble.surely("they are bytes, and need be no text: pass on just what was read")
    })
}

fn one_way_ends(stage: &mut Stage) -> Result<(), Trouble> {
    let word = stage.word();
    let [mut first, mut second] = two_peers(stage)?;
    first.half_closes();
    let told = second.hears_the_end();
    told.map_err(|trouble| trouble.surely(TOLD))?;
    stage.program()?.sleeps().map_err(|trouble| {
        let cause =
            "a peer that has ended is readable for ever: it must no longer be asked";
        trouble.surely(cause).read("A loop that never sleeps")
    })?;
    let heard = second.says(&word).and_then(|()| first.hears(&word));
    heard.map_err(|trouble| {
        let cause = "the first has ended its sending, and no more: it still hears, and the \
                     second may speak";
        trouble.surely(cause)
    })?;
    second.half_closes();
    let told = first.hears_the_end();
    told.map_err(|trouble| trouble.surely(TOLD))?;
    let ended = stage.program()?.ends_well();
    ended.map_err(|trouble| {
        trouble.because("both have ended: nothing is left to wait for")
    })
}

fn reset_is_passed_on(stage: &mut Stage) -> Result<(), Trouble> {
    let [first, mut second] = two_peers(stage)?;
    first.resets();
    let told = second.hears_the_end();
    told.map_err(|trouble| trouble.surely(TOLD).read("A peer that resets"))?;
    second.half_closes();
    let ended = stage.program()?.ends_well();
    ended.map_err(|trouble| {
        let cause = "a reset is an end, and no error of the whole program";
        trouble.because(cause).read("A peer that resets")
    })
}
