//! `handler-panic`: the task, and what its check does.

use std::thread;
use std::time::{Duration, Instant};

use checker::{Exercise, Failure, FailureKind, Kind, Peer, Stage, Step};

use crate::server_framework::{all_reset, crowd_has_turns, leaves};

/// The exercise, and the steps of its check.
pub const EXERCISE: Exercise = Exercise {
    name: "handler-panic",
    lesson: "13-server-framework",
    kind: Kind::Repair,
    task: "repair a framework in which no worker outlives a panic of its handler",
    section: "A handler panics",
    hints: [
        "Start it, and send it the line `x`. Then count its threads: `ls /proc/PID/task`. \
         Send `x` once more over a new connection, and count again.",
        "A panic unwinds the thread in which it happens, up to its end. Here that thread \
         is a worker, and it should go on with the next client. What stops a panic?",
        "In work, inside the loop: \
         `std::panic::catch_unwind(AssertUnwindSafe(|| serve(client)))`. Its Err is a \
         panic. The client has been dropped by then, and so closed.",
    ],
    steps: &[
        Step {
            says: "the program listens on the address that it is given",
            play: panic_listens,
        },
        Step {
            says: "each line with two numbers is answered with their sum",
            play: panic_sums,
        },
        Step {
            says: "three clients are served at once",
            play: panic_three,
        },
        Step {
            says: "a fourth client waits, and is served when one of them leaves",
            play: panic_fourth,
        },
        Step {
            says: "of a crowd that waits everybody has a turn",
            play: panic_crowd,
        },
        Step {
            says: "a client whose line makes the handler panic sees the end, and no answer",
            play: panic_end,
        },
        Step {
            says: "those who are being served meanwhile notice nothing",
            play: panic_others,
        },
        Step {
            says: "after many such clients there are as many workers as before",
            play: panic_many,
        },
        Step {
            says: "when all workers have panicked, those who wait are served",
            play: panic_waiting,
        },
        Step {
            says: "whatever the handler panics at, it costs no worker",
            play: panic_kinds,
        },
        Step {
            says: "lines before such a one are answered, and nothing is left for the next client",
            play: panic_between,
        },
        Step {
            says: "why the handler has panicked stands on standard error",
            play: panic_words,
        },
        Step {
            says: "clients that reset their connections cost no worker",
            play: panic_resets,
        },
    ],
};

/// How many workers the task promises.
const THREE: usize = 3;

/// How long nothing may be said to a client that waits.
const MOMENT: Duration = Duration::from_millis(40);

fn panic_listens(stage: &mut Stage) -> Result<(), Failure> {
    stage.starts_server()?;
    stage.listens_there_only()
}

fn panic_sums(stage: &mut Stage) -> Result<(), Failure> {
    let mut client = stage.client()?;
    for _ in 0..3 {
        summed(stage, &mut client).map_err(|failure| {
            failure
                .certain("each line of a client is answered with the sum of its numbers")
        })?;
    }
    leaves(client)
}

fn panic_three(stage: &mut Stage) -> Result<(), Failure> {
    three_at_once(stage).map(drop).map_err(|failure| {
        failure.certain(
            "fewer than three clients are served at once: there are three workers",
        )
    })
}

fn panic_fourth(stage: &mut Stage) -> Result<(), Failure> {
    let mut served = three_at_once(stage)?;
    let mut waits = stage.client()?;
    waits.says("12 30\n")?;
    is_not_served(
        stage,
        &mut waits,
        "a fourth client is served at once: there are three workers",
    )?;
    if let Some(leaver) = served.pop() {
        leaves(leaver)?;
    }
    waits.hears("42\n")?;
    leaves(waits)?;
    served.into_iter().try_for_each(leaves)
}

fn panic_crowd(stage: &mut Stage) -> Result<(), Failure> {
    let busy = three_at_once(stage)?;
    crowd_has_turns(stage, busy, ("12 30\n", "42\n"))
}

/// Nobody connects after the panics: what wakes a new worker must be the panic itself.
fn panic_waiting(stage: &mut Stage) -> Result<(), Failure> {
    stage.expects_panics();
    let mut served = three_at_once(stage)?;
    let mut waits = Vec::new();
    for _ in 0..THREE {
        let mut client = stage.client()?;
        client.says("12 30\n")?;
        waits.push(client);
    }
    // It has let them in: no accept returns after the panics.
    stage.program()?.sleeps().ok();
    for client in &mut served {
        client.says(nonsense(stage))?;
    }
    let turns = waits.iter_mut().try_for_each(|client| client.hears("42\n"));
    turns.map_err(|failure| {
        drop(served);
        let cause = match is_answered(&mut waits[0]) {
            true => {
                "a worker has waited until the client whose handler panicked left: the panic \
                 is the end of that client, and its worker takes the next one"
            }
            false => {
                "three clients wait, and no worker is left for them: a panic costs no worker, \
                 and what replaces it is there before the next client comes"
            }
        };
        failure.certain(cause)
    })
}

fn panic_resets(stage: &mut Stage) -> Result<(), Failure> {
    let served = three_at_once(stage)?;
    all_reset(stage, served, "12 30\n")?;
    three_at_once(stage).map(drop).map_err(|failure| {
        failure.certain(
            "a client that has reset its connection has ended its worker, or more: an error \
             of its socket ends that client only",
        )
    })
}

fn is_not_served(
    stage: &mut Stage,
    waits: &mut Peer,
    cause: &str,
) -> Result<(), Failure> {
    stage.program()?.sleeps().ok(); // whatever it does for them is done
    waits.hears_nothing_for(MOMENT).map_err(|failure| {
        failure
            .certain(cause)
            .read("All workers are busy with nothing")
    })
}

fn panic_end(stage: &mut Stage) -> Result<(), Failure> {
    stage.expects_panics();
    let mut client = stage.client()?;
    client.says(nonsense(stage))?;
    client.hears_the_end().map_err(|failure| {
        let cause = match failure.kind {
            FailureKind::Timeout if is_served_on(&mut client) => {
                "the client is served on after the panic: it is to see the end"
            }
            FailureKind::Timeout => {
                "the connection outlives the panic: somebody still owns it, and nobody \
                 closes it"
            }
            _ if was_reset(&failure) => {
                "the client is reset, and is to see the end: a close resets if SO_LINGER \
                 is 0, or if something that it sent is still unread"
            }
            _ => {
                "a client whose handler panics gets no answer, only the end of its \
                 connection"
            }
        };
        failure.certain(cause)
    })
}

/// Whether a client that the program has kept is answered, too.
fn is_served_on(client: &mut Peer) -> bool {
    client.says("12 30\n").is_ok() && is_answered(client)
}

/// Whether a client that has heard nothing for long is answered now.
fn is_answered(client: &mut Peer) -> bool {
    let late = client.hears_nothing_for(Duration::from_secs(1));
    late.is_err() && client.hears("42\n").is_ok()
}

/// Whether the end that a client saw was a reset.
fn was_reset(failure: &Failure) -> bool {
    failure.seen.contains("a reset")
}

fn panic_others(stage: &mut Stage) -> Result<(), Failure> {
    stage.expects_panics();
    stage.starts_server()?;
    let mut served = [stage.client()?, stage.client()?];
    for client in &mut served {
        summed(stage, client)?;
    }
    let line = nonsense(stage);
    let mut ended = panics_at(stage, line.as_bytes());
    for client in &mut served {
        ended = ended.and_then(|()| summed(stage, client));
    }
    ended.map_err(|failure| {
        failure.certain(
            "the panic with one client has reached others, who have done nothing",
        )
    })
}

/// It may happen from Friday to Monday.
const MANY: usize = 100;

/// A panic and the next client take a millisecond. On a busy machine all of them may take
/// longer than this, but half of them do not.
const PATIENCE: Duration = Duration::from_secs(5);

fn panic_many(stage: &mut Stage) -> Result<(), Failure> {
    stage.expects_panics();
    stage.starts_server()?;
    let start = Instant::now();
    for served in 1..=MANY {
        let line = nonsense(stage);
        panics_at(stage, line.as_bytes()).map_err(|failure| worn_out(stage, failure))?;
        if start.elapsed() > PATIENCE && served < MANY / 2 {
            let expected = format!("{MANY} clients to be served within {PATIENCE:?}");
            let cause = "after a panic there is a pause, in which others wait: the next \
                         client has its turn at once";
            return Err(Failure::timeout(expected, "it takes longer").likely(cause));
        }
    }
    let _served = three_at_once(stage).map_err(|failure| worn_out(stage, failure))?;
    let mut waits = stage.client()?;
    waits.says("12 30\n")?;
    let cause = "after the panics more than three are served at once: for each worker that is \
                 lost there is to be one new one";
    is_not_served(stage, &mut waits, cause)
}

fn panic_kinds(stage: &mut Stage) -> Result<(), Failure> {
    stage.expects_panics();
    let word = stage.word();
    let (small, large) = (stage.chance.u32(1..1_000), u32::MAX);
    let kinds = [
        format!("{word}\n"),
        "\n".to_string(),
        format!("{small} {large}\n"),
        format!("{small} {word}\n"),
        format!(" {small} {small}\n"),
    ];
    for kind in kinds {
        for _ in 0..2 {
            let Err(failure) = panics_at(stage, kind.as_bytes()) else {
                continue;
            };
            // Without a worker the client waits, or is reset, or sees an end all the same.
            if three_at_once(stage).is_err() {
                return Err(worn_out(stage, failure));
            }
            let cause = match failure.kind {
                FailureKind::Timeout => {
                    "the handler is called with every line, also with an empty one, and \
                     its panic ends the client: this one is still there"
                }
                _ => {
                    "the handler stays as it is, and is called with the line as it came, \
                     but for its end: a panic ends the client, no more"
                }
            };
            return Err(failure.certain(cause));
        }
    }
    let all = three_at_once(stage);
    all.map(drop).map_err(|failure| worn_out(stage, failure))
}

/// Lines come together, before the worst one and after it. Whatever a worker keeps of them, one
/// of the next three clients is its next.
fn panic_between(stage: &mut Stage) -> Result<(), Failure> {
    stage.expects_panics();
    let line = nonsense(stage);
    let mut before = stage.client()?;
    before.says(format!("12 30\n{line}"))?;
    let answered = before.hears("42\n").and_then(|()| before.hears_the_end());
    answered.map_err(|failure| {
        failure.certain(
            "the line before the one at which the handler panics is answered, and comes \
             to its client: then comes the end",
        )
    })?;
    let mut after = stage.client()?;
    after.says(format!("{line}12 30\n"))?;
    match after.hears_the_end() {
        // What lay unread when it was closed has made it one.
        Err(failure) if !was_reset(&failure) => {
            let cause =
                "after the line at which the handler panicked no other is answered";
            return Err(failure.certain(cause));
        }
        _ => {}
    }
    three_at_once(stage).map(drop).map_err(|failure| {
        failure.certain(
            "what a client had said, or was to hear, is left in its worker after the panic, \
             and the next client gets it: it goes with its client",
        )
    })
}

/// How long words may take that were written before the client saw its end.
const ON_THEIR_WAY: Duration = Duration::from_secs(1);

/// Whoever looks at each line first, or has mended the handler, has no panic any more: only
/// its words show that it is called.
fn panic_words(stage: &mut Stage) -> Result<(), Failure> {
    stage.expects_panics();
    stage.starts_server()?;
    let (word, small) = (stage.word(), stage.chance.u32(1..1_000));
    let mistakes = [
        (format!("{word}\n"), "a space"),
        (format!("{small} {word}\n"), "a number"),
        (
            format!("{} {small}\n", u32::MAX),
            "a sum that is not too large",
        ),
    ];
    for (line, words) in mistakes {
        panics_at(stage, line.as_bytes())?;
        let end = Instant::now() + ON_THEIR_WAY;
        while !stage.program()?.complaints().contains(words) {
            if Instant::now() > end {
                let want = format!("{words:?} on standard error after the line {line:?}");
                let cause = "the handler stays as it is, and is called with every line: its \
                             panics go on, and their words stay for those who write it";
                return Err(Failure::new(want, "nothing of that").certain(cause));
            }
            thread::sleep(Duration::from_millis(1)); // between two looks
        }
    }
    Ok(())
}

/// A client sends a line at which the handler panics.
fn panics_at(stage: &mut Stage, line: &[u8]) -> Result<(), Failure> {
    let mut client = stage.client()?;
    client.says(line)?;
    client.hears_the_end()
}

/// Why nobody serves a client after panics. Without a worker it waits, or is reset by main.
fn worn_out(stage: &mut Stage, failure: Failure) -> Failure {
    // The end of a stream is seen a moment before the end of its program.
    let end = Duration::from_millis(100);
    let (ended, threads) = stage.program().map_or((false, None), |program| {
        (program.wait(end).is_ok(), program.threads())
    });
    let all_there = threads.is_some_and(|threads| threads > THREE);
    let cause = if ended {
        "after some panics the server has ended: each ends its thread, a worker, and when all \
         are gone main has nobody left; or somebody counts them, and gives up"
    } else if all_there && failure.kind != FailureKind::Timeout {
        "the workers are there, and a client does not get its turn, because the handler has \
         panicked with others before: who comes next has done nothing"
    } else {
        "each panic ends its thread, a worker: when all are gone, nobody serves"
    };
    failure.certain(cause)
}

/// Two words where numbers should be.
fn nonsense(stage: &mut Stage) -> String {
    format!("{} {}\n", stage.word(), stage.word())
}

/// A question and its answer.
fn summed(stage: &mut Stage, client: &mut Peer) -> Result<(), Failure> {
    let (one, other) = (
        stage.chance.u32(..1_000_000_000),
        stage.chance.u32(..1_000_000_000),
    );
    client.says(format!("{one} {other}\n"))?;
    client.hears(format!("{}\n", one + other))
}

/// Three clients, who have all had an answer, and stay.
fn three_at_once(stage: &mut Stage) -> Result<Vec<Peer>, Failure> {
    let mut clients = Vec::new();
    for _ in 0..THREE {
        let mut client = stage.client()?;
        summed(stage, &mut client)?;
        clients.push(client);
    }
    Ok(clients)
}
