//! `waiting-room`: the task, and what its check does.

use std::time::Duration;

use checker::{Exercise, Failure, FailureKind, Kind, MOST, Peer, Stage, Step};

/// The exercise, and the steps of its check.
pub const EXERCISE: Exercise = Exercise {
    name: "waiting-room",
    lesson: "07-threaded-server",
    kind: Kind::Repair,
    task: "make a server serve its guests at once, and not one after the other",
    section: "A thread for a client",
    hints: [
        "Connect with nc twice, and say nothing in the first. Where is the main thread all \
         that time? A println! before each line of the loop tells.",
        "A thread runs beside the others until somebody waits for it. The loop must get \
         back to accept at once.",
        "join waits for the end of its thread. Without it the thread itself says what has \
         become of its guest: let the closure print the error.",
    ],
    steps: &[
        Step {
            says: "the program listens on the address that it is given",
            play: Stage::starts_server_where_told,
        },
        Step {
            says: "a guest gets its number, and its turn when it has said its name",
            play: guest,
        },
        Step {
            says: "a guest who is silent for a while keeps its place",
            play: stays,
        },
        Step {
            says: "who comes after a silent guest gets its number and its turn",
            play: after_silence,
        },
        Step {
            says: "three hundred guests are here at once, each with its number",
            play: hundred,
        },
        Step {
            says: "a guest whose connection is reset takes nobody along",
            play: reset,
        },
        Step {
            says: "guests who come all at once are numbered as they came",
            play: burst,
        },
        Step {
            says: "a guest who has gone before it is accepted ends nothing",
            play: gone_before,
        },
        Step {
            says: "after many guests the next has the next number, and its whole name",
            play: many_more,
        },
    ],
};

/// Who comes after many others has the next number.
const NUMBERS: &str = "the numbers go on and on, also after 100 or 255";

/// A guest that gets this number.
fn numbered(stage: &mut Stage, number: usize) -> Result<Peer, Failure> {
    let mut guest = stage.client()?;
    is_number(&mut guest, number)?;
    Ok(guest)
}

fn is_number(guest: &mut Peer, number: usize) -> Result<(), Failure> {
    guest.hears(format!("You are number {number}.\n"))
}

/// The guest says its name, and gets its turn.
fn has_its_turn(stage: &mut Stage, guest: &mut Peer) -> Result<(), Failure> {
    let name = stage.word();
    guest.says(format!("{name}\n"))?;
    guest.hears(format!("It is your turn, {name}.\n"))?;
    guest.hears_the_end()
}

fn guest(stage: &mut Stage) -> Result<(), Failure> {
    let name = stage.word();
    let mut guest = stage.client()?;
    guest.says(format!("{name}\n"))?;
    let all = format!("You are number 1.\nIt is your turn, {name}.\n");
    guest.hears(all).map_err(|failure| {
        let cause = match failure.kind {
            FailureKind::Timeout => {
                "it waits for more: a name is a line, and has come when its \\n has come"
            }
            _ => "what a guest who is alone is told must stay as it was",
        };
        failure.certain(cause)
    })?;
    guest.hears_the_end()
}

fn stays(stage: &mut Stage) -> Result<(), Failure> {
    let mut silent = numbered(stage, 2).map_err(|failure| match failure.kind {
        FailureKind::Timeout => {
            failure.certain("the number comes first, before the guest has said its name")
        }
        _ => failure.likely("the guests are numbered in the order in which they come"),
    })?;
    let away = "a silent guest was sent away: it may be silent for as long as it likes";
    silent
        .hears_nothing_for(Duration::from_millis(100))
        .map_err(|failure| failure.certain(away).hint(2))?;
    stage
        .takes_its_time(&silent)
        .map_err(|failure| failure.certain(away).hint(2))?;
    let name = stage.word();
    let line = format!("{name}\n");
    stage
        .takes_for_ever(&mut silent, &line.as_bytes()[..1])
        .map_err(|failure| failure.certain(away).hint(2))?;
    let told = silent.says_apart([&line.as_bytes()[1..2], &line.as_bytes()[2..]]);
    let turn = told.and_then(|()| silent.hears(format!("It is your turn, {name}.\n")));
    turn.map_err(|failure| {
        let cause = "a name is a line, as it was: it may come in pieces";
        failure.certain(cause).read("One recv is not one message")
    })
}

fn after_silence(stage: &mut Stage) -> Result<(), Failure> {
    let mut silent = numbered(stage, 3)?;
    let second = numbered(stage, 4);
    let done = second.and_then(|mut second| has_its_turn(stage, &mut second));
    done.map_err(|failure| {
        let cause = if failure.kind == FailureKind::Timeout {
            "the second guest is served only when the first has gone: the loop, or a lock, \
             waits for the first"
        } else {
            "each guest gets the next number and its turn, however many are here"
        };
        failure.certain(cause).hint(1)
    })?;
    has_its_turn(stage, &mut silent).map_err(|failure| {
        failure.certain("the silent guest was sent away when the next one came")
    })
}

fn hundred(stage: &mut Stage) -> Result<(), Failure> {
    let mut guests = Vec::new();
    for number in 5..305 {
        let guest = numbered(stage, number).map_err(|failure| {
            let cause = match failure.kind {
                FailureKind::Timeout => {
                    "with some guests here the next one waits: each needs a thread, and \
                     nobody may wait for it"
                }
                _ if matches!(&failure.bytes, Some((_, heard)) if heard.len() > 15) => {
                    NUMBERS
                }
                _ => "with some guests here the next one was sent away",
            };
            failure.certain(cause).hint(2)
        })?;
        guests.push(guest);
    }
    for guest in guests.iter_mut().rev() {
        has_its_turn(stage, guest)?;
    }
    Ok(())
}

fn reset(stage: &mut Stage) -> Result<(), Failure> {
    let mut first = numbered(stage, 305)?;
    let mut breaks = numbered(stage, 306)?;
    breaks.says_apart([&b"na"[..]])?;
    breaks.resets();
    // Its thread has seen the reset, and done what it does then, when nothing runs any more.
    stage.program()?.sleeps().ok();
    let next = numbered(stage, 307);
    let others = next.and_then(|mut next| {
        has_its_turn(stage, &mut next)?;
        has_its_turn(stage, &mut first)
    });
    others.map_err(|failure| {
        let cause = "one guest's error has ended more than its own thread";
        failure.certain(cause).hint(3).read("A thread panics")
    })
}

/// They stand in the queue before the first of them is accepted: their order is certain.
/// Only some at a time, as a program may have a short queue.
fn burst(stage: &mut Stage) -> Result<(), Failure> {
    for first in (308..358).step_by(5) {
        let mut guests = stage.while_it_is_stopped(|stage| {
            (0..5)
                .map(|_| stage.client())
                .collect::<Result<Vec<_>, _>>()
        })?;
        for (guest, number) in guests.iter_mut().zip(first..) {
            is_number(guest, number).map_err(|failure| {
                let cause = "the number is a guest's place in the order of accept: \
                             threads that count for themselves overtake each other";
                match failure.kind {
                    FailureKind::Fail => failure.certain(cause).hint(2),
                    _ => failure,
                }
            })?;
        }
        for guest in &mut guests {
            has_its_turn(stage, guest)?;
        }
    }
    Ok(())
}

fn gone_before(stage: &mut Stage) -> Result<(), Failure> {
    let mut stays = numbered(stage, 358)?;
    stage.client_gone_from_the_queue()?;
    has_its_turn(stage, &mut stays).map_err(|failure| {
        let cause = "a guest who had gone before it was accepted has ended the server";
        failure.certain(cause).hint(3)
    })
}

/// The guest who had gone had a number or had none.
fn many_more(stage: &mut Stage) -> Result<(), Failure> {
    let mut guest = stage.client()?;
    let mut number = match guest.hears_through(b"\n", 100)? {
        line if line == b"You are number 359.\n" => 359,
        _ => 360,
    };
    has_its_turn(stage, &mut guest)?;
    let before = stage.holdings()?;
    while number < 410 {
        number += 1;
        let mut guest =
            numbered(stage, number).map_err(|failure| failure.certain(NUMBERS))?;
        match number % 2 {
            0 => has_its_turn(stage, &mut guest)?,
            _ => guest.resets(),
        }
    }
    stage.has_given_back(before, 15)?;
    stage.grows(280_000..=MOST, |stage, length| {
        number += 1;
        let mut guest = numbered(stage, number)?;
        let word = stage.long_word(length);
        let name = [b" ", word.as_bytes(), b" \xe9\xff"].concat();
        let told = guest.says([&name[..], b"\n"].concat());
        let turn = [b"It is your turn, ", &name[..], b".\n"].concat();
        told.and_then(|()| guest.hears_many(&turn)).map_err(|failure| {
            let cause =
                "a name is any bytes, with the blank before it, and as many as its line \
                         has: it was so before";
            failure.certain(cause)
        })
    })
}
