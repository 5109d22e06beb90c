//! `sleepy-select`: the task, and what its check does.

use std::time::Duration;

use checker::{Exercise, Failure, FailureKind, Kind, Peer, Stage, Step, wakes_at_once};

use crate::select::{connects, sleeps, two_narrow_peers, two_peers};

/// The exercise, and the steps of its check.
pub const EXERCISE: Exercise = Exercise {
    name: "sleepy-select",
    lesson: "10-select",
    kind: Kind::Repair,
    task: "wake a go-between that hears only the one of two peers who speaks first",
    section: "Step 3: a new set each time",
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
            says: "one reads late: what both have said meanwhile arrives",
            play: reads_late,
        },
        Step {
            says: "one has ended: the other is told, and may go on speaking",
            play: one_way_ends,
        },
        Step {
            says: "what was said right before an end arrives before it",
            play: last_words,
        },
        Step {
            says: "the reset of one is an end for the other, too",
            play: reset_is_passed_on,
        },
        Step {
            says: "the other one may speak on to the one that was reset",
            play: speaks_to_the_lost,
        },
    ],
};

fn first_speaks(stage: &mut Stage) -> Result<(), Failure> {
    let word = stage.word();
    let [mut first, mut second] = two_peers(stage)?;
    first.says(&word)?;
    second.hears(&word).map_err(|failure| match failure.kind {
        FailureKind::Timeout => failure.certain(
            "what one peer says goes to the other one, at once and also without an end of \
             line",
        ),
        _ => failure.likely("pass on just the bytes that were read, and no others"),
    })?;
    let more = stage.word();
    first.says(&more)?;
    second.hears(&more).map_err(|failure| match failure.kind {
        FailureKind::Timeout => failure.certain(ASLEEP).hint(2),
        _ => failure.likely("pass on just the bytes that were read, and no others"),
    })
}

/// How long something may take that is on its way.
const MOMENT: Duration = Duration::from_millis(300);

/// The same where something has failed, and the machine may be busy.
const A_WHILE: Duration = Duration::from_secs(1);

const ASLEEP: &str = "your program reads from a peer that has said nothing, and sleeps \
                      there: only who is ready is to be read";

const TOLD: &str = "after what was said the other one is to see the end of the stream, and \
                    nothing else: shutdown(Write) tells it";

fn second_speaks(stage: &mut Stage) -> Result<(), Failure> {
    let (question, answer) = (stage.word(), stage.word());
    let [mut first, mut second] = two_peers(stage)?;
    first.says(&question)?;
    second.hears(&question)?;
    second.says(&answer)?;
    first.hears(&answer).map_err(|failure| {
        let heard = failure.bytes.as_ref().map_or(&[][..], |(_, heard)| heard);
        if !heard.is_empty() && !answer.as_bytes().starts_with(heard) {
            let cause = "who speaks hears itself: what one says goes to the other, and only \
                         there";
            return failure.certain(cause);
        }
        // One that copies the one way to its end, and then the other, still passes it on.
        first.half_closes();
        if first.hears_nothing_for(A_WHILE).is_err() {
            let cause = "what the second says arrives when the first has ended: it is to \
                         wait for both at once";
            return failure.certain(cause);
        }
        let cause = "the second peer was in the set at first, and is not in it any more: \
                     select has taken out who was not ready";
        failure.certain(cause)
    })
}

fn speak_in_any_order(stage: &mut Stage) -> Result<(), Failure> {
    let mut peers = two_peers(stage)?;
    let mut order: Vec<usize> = (0..4).map(|_| stage.chance.usize(..2)).collect();
    order.extend([1, 1, 0, 0, 1]);
    for peer in order {
        let word = stage.word();
        peers[peer].says(&word)?;
        peers[1 - peer]
            .hears(&word)
            .map_err(|failure| failure.certain(ASLEEP).hint(2))?;
    }
    let [first, second] = &mut peers;
    wakes_at_once(|| {
        let word = stage.word();
        first.says(&word)?;
        second.hears(&word)
    })
}

fn passes_any_bytes(stage: &mut Stage) -> Result<(), Failure> {
    let mut peers = two_peers(stage)?;
    let from = stage.chance.usize(..2);
    let bytes = [stage.bytes(100_000), vec![0xff]].concat();
    peers[from].says(&bytes)?;
    peers[1 - from].hears(&bytes).map_err(|failure| {
        let text = "they are bytes, and need be no text: pass on just what was read";
        let cause = if lacks_an_end(&failure) { CUT } else { text };
        failure.certain(cause)
    })?;
    passes_small_pieces(stage, peers, from)
}

const CUT: &str = "bytes were taken off an end of a piece: blanks, ends of lines and zeros are \
                   bytes like all others";

/// Whether the first byte that did not come is one that is taken for no byte.
fn lacks_an_end(failure: &Failure) -> bool {
    failure.bytes.as_ref().is_some_and(|(expected, came)| {
        let mut both = expected.iter().zip(came);
        let place = both.position(|(one, other)| one != other);
        let first = expected.get(place.unwrap_or(came.len()));
        first.is_some_and(|byte| b"\0 \t\r\n".contains(byte))
    })
}

/// A piece with blanks and zeros at both ends, a piece of one byte, and then a word back.
fn passes_small_pieces(
    stage: &mut Stage,
    mut peers: [Peer; 2],
    from: usize,
) -> Result<(), Failure> {
    peers.rotate_left(from);
    let [from, to] = &mut peers;
    let (start, end) = (b"\0 \n\xff", b" \r\n\0");
    from.says([&start[..], end].concat())?;
    to.hears(start).map_err(|failure| failure.certain(CUT))?;
    from.says("\n")?; // so nobody waits for what is missing
    let rest = [&end[..], b"\n"].concat();
    to.hears(rest).map_err(|failure| failure.certain(CUT))?;
    let answer = stage.word();
    to.says(&answer)?;
    from.hears(&answer).map_err(|failure| {
        failure.certain("who speaks hears itself: what one says goes to the other alone")
    })
}

fn reads_late(stage: &mut Stage) -> Result<(), Failure> {
    let [mut first, mut second] = two_narrow_peers(stage)?;
    // More than the kernel keeps for a peer that does not receive.
    let bytes = stage.bytes(60_013).repeat(50);
    let taken = stage.fills(&mut first, &bytes)?;
    let left = first.not_received();
    let word = stage.word();
    second.says(&word)?;
    second.acknowledges_at_once();
    let (now, later) = bytes[..taken].split_at(taken - left.min(taken) / 10 * 9);
    second.hears(now).map_err(with_a_hole)?;
    // A tenth of what it had not received then has arrived: both were ready many times.
    // Most of the rest is still to come, and nobody receives it.
    let silent = first.hears_nothing_for(MOMENT).is_ok();
    if silent && first.is_unread() {
        let want = format!("{word:?}, while the other one goes on speaking");
        let cause = "one peer speaks without a pause, and nobody hears the other: each time \
                     both are ready, each has its turn";
        return Err(Failure::new(want, "nothing of it").certain(cause));
    }
    second.hears(later).map_err(with_a_hole)?;
    first.hears(&word)
}

fn with_a_hole(failure: Failure) -> Failure {
    let cause = "the other one read late, and there was no room for all of it: a write may \
                 take a part, or nothing for now; the rest is yours to send";
    // Whether the rest came too early or not at all: it is the same mistake.
    let kind = match failure.bytes {
        Some(_) => FailureKind::Fail,
        None => failure.kind,
    };
    Failure { kind, ..failure }.certain(cause)
}

fn last_words(stage: &mut Stage) -> Result<(), Failure> {
    let mut peers = two_peers(stage)?;
    for from in [0, 1] {
        let word = stage.word();
        stage.program()?.sleeps()?;
        stage.program()?.stops()?; // so the word and the end lie there when it looks
        peers[from].says(&word)?;
        peers[from].half_closes();
        stage.program()?.goes_on()?;
        let to = &mut peers[1 - from];
        to.hears(&word).map_err(|failure| {
            let cause = "bytes and the end of the stream were there at the same time: what \
                         came before the end goes out first";
            failure.certain(cause)
        })?;
        let told = to.hears_the_end();
        told.map_err(|failure| failure.certain(TOLD))?;
    }
    Ok(())
}

fn one_way_ends(stage: &mut Stage) -> Result<(), Failure> {
    let [first, second] = two_peers(stage)?;
    stage.program()?.sleeps()?;
    stage.program()?.rests()?;
    one_ends_and_hears(stage, first, second)?;
    let [first, second] = two_peers(stage)?;
    one_ends_and_hears(stage, second, first)
}

fn one_ends_and_hears(
    stage: &mut Stage,
    mut first: Peer,
    mut second: Peer,
) -> Result<(), Failure> {
    let word = stage.word();
    first.half_closes();
    let told = second.hears_the_end();
    told.map_err(|failure| failure.certain(TOLD))?;
    stage.program()?.sleeps().map_err(|failure| {
        let cause =
            "a peer that has ended is readable for ever: it must no longer be asked";
        failure
            .certain(cause)
            .read("Step 5: what has ended is asked for no more")
    })?;
    let heard = second.says(&word).and_then(|()| first.hears(&word));
    heard.map_err(|failure| {
        let cause = "one has ended its sending, and no more: it still hears, and the other \
                     may speak";
        failure.certain(cause)
    })?;
    second.half_closes();
    let told = first.hears_the_end();
    told.map_err(|failure| failure.certain(TOLD))?;
    let ended = stage.program()?.ends_well();
    ended.map_err(|failure| match failure.kind {
        FailureKind::Timeout => {
            failure.likely("both have ended: nothing is left to wait for")
        }
        _ => failure.likely("both have ended, and nothing was wrong: exit code 0"),
    })
}

fn speaks_to_the_lost(stage: &mut Stage) -> Result<(), Failure> {
    let cause = "nothing can be sent to a peer that was reset: what is said to it is lost, \
                 and that is no error of the program";
    let [lost, mut other] = two_peers(stage)?;
    lost.resets();
    other.hears_the_end()?;
    for _ in 0..3 {
        // It may have ended already: that is looked at below.
        let told = other.says(stage.word() + "\n");
        if told.is_err() || stage.program()?.sleeps().is_err() {
            break;
        }
    }
    other.half_closes();
    let ended = stage.program()?.ends_well();
    ended.map_err(|failure| failure.certain(cause).read("A peer that resets"))
}

fn reset_is_passed_on(stage: &mut Stage) -> Result<(), Failure> {
    let [first, mut second] = two_peers(stage)?;
    first.resets();
    let told = second.hears_the_end();
    told.map_err(|failure| failure.certain(TOLD).read("A peer that resets"))?;
    second.half_closes();
    let ended = stage.program()?.ends_well();
    ended.map_err(|failure| {
        let cause = "a reset is an end, and no error of the whole program";
        failure.likely(cause).read("A peer that resets")
    })
}
