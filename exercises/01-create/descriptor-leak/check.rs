//! `descriptor-leak`: the task, and what its check does.

use checker::{Exercise, Failure, FailureKind, Kind, Numbered, Stage, Step, said};

/// The exercise, and the steps of its check.
pub const EXERCISE: Exercise = Exercise {
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
        Step {
            says: "no socket and one socket are numbers, too",
            play: smallest,
        },
        Step {
            says: "as many sockets are made as it says",
            play: really_made,
        },
    ],
};

fn a_few(stage: &mut Stage) -> Result<(), Failure> {
    let count = stage.chance.usize(10..60);
    made(stage, count).map_err(|failure| {
        failure.likely("the line is `made`, a space, and the number of the argument")
    })
}

fn many(stage: &mut Stage) -> Result<(), Failure> {
    // Less than twice the limit: who empties a full list once has many open at the end.
    let count = stage.chance.usize(1100..2000);
    let made = made(stage, count);
    let ended = stage.program()?.ended().is_some();
    made.map_err(|failure| {
        if ended {
            let cause = "the sockets that were made stay open, and a program may have only \
                         so many descriptors: 1024 here";
            failure.certain(cause).hint(1)
        } else {
            let cause = "not all sockets were made: an error was passed over, or the \
                         program stops on its own";
            failure.likely(cause).hint(1)
        }
    })
}

/// Starts the program, and waits for its line.
fn made(stage: &mut Stage, count: usize) -> Result<(), Failure> {
    let program = stage.starts([count.to_string()])?;
    let wanted = format!("made {count}");
    let line = program.prints(&format!("the line \"{wanted}\""), |all| {
        let end = all.iter().position(|byte| *byte == b'\n')?;
        Some(String::from_utf8_lossy(&all[..end]).trim_end().to_string())
    });
    let line = line.map_err(|failure| {
        if matches!(failure.kind, FailureKind::Timeout) {
            failure.likely("it has printed no whole line yet, and waits already")
        } else {
            failure.likely("it ended before it had printed its line")
        }
    })?;
    if line == wanted {
        return Ok(());
    }
    let (wanted, seen) = (format!("the line \"{wanted}\""), format!("\"{line}\""));
    Err(Failure::new(wanted, seen))
}

fn one_open(stage: &mut Stage) -> Result<(), Failure> {
    let program = stage.program()?;
    // A program that ends is not seen asleep: so what is counted is what waits.
    program.sleeps()?;
    let open = program.open_sockets().map(|open| open.len());
    let expected = "one open socket while it waits";
    if let Some(status) = program.ended() {
        let seen = format!("it ended with {}", said(status));
        let failure = Failure::new(expected, seen);
        return Err(failure.likely("it does not wait for Enter").hint(1));
    }
    match open {
        Some(1) | None => Ok(()),
        Some(0) => Err(Failure::new(expected, "none")
            .likely("no socket is left: the last one is to stay open until Enter")
            .hint(3)),
        Some(open) => {
            let failure = Failure::new(expected, format!("{open} open sockets"));
            let cause = "sockets are closed too late: each is to be closed when the next \
                         one is there";
            Err(failure.likely(cause).hint(3))
        }
    }
}

fn enter(stage: &mut Stage) -> Result<(), Failure> {
    let program = stage.program()?;
    program.types("\n")?;
    program.ends_well().map_err(|failure| match failure.kind {
        FailureKind::Timeout => {
            failure.likely("Enter was typed, and it waits for something else")
        }
        _ => failure.likely("Enter is how it is to end: that is no error"),
    })
}

fn smallest(stage: &mut Stage) -> Result<(), Failure> {
    for count in [0, 1] {
        made(stage, count).map_err(|failure| {
            failure.likely(
                "the number of the argument is how many are made, none or one, too",
            )
        })?;
        enter(stage)?;
    }
    Ok(())
}

/// Others on this processor make sockets, too, but seldom so many meanwhile, and not each time.
fn really_made(stage: &mut Stage) -> Result<(), Failure> {
    (0..4).try_for_each(|_| really_made_once(stage))
}

fn really_made_once(stage: &mut Stage) -> Result<(), Failure> {
    let count = stage.chance.usize(4_000..5_000);
    let numbered = Numbered::from_here();
    made(stage, count)?;
    let open = stage.program()?.open_sockets().unwrap_or_default();
    let (Some(numbered), Some(last)) = (numbered, open.last()) else {
        return Ok(());
    };
    let made = numbered.at_most(*last) as usize;
    if made >= count {
        return Ok(());
    }
    let expected = format!("the socket number {count} is open");
    let failure = Failure::new(expected, format!("at most the {made}th"));
    let cause =
        "fewer sockets are made than are counted, or another than the last is kept";
    Err(failure.likely(cause).hint(3))
}
