//! `thread-pool`: the task, and what its check does.

use std::time::Duration;

use checker::{Exercise, Failure, FailureKind, Kind, Peer, Stage, Step, wakes_at_once};

use crate::server_framework::{all_reset, crowd_has_turns, leaves};

/// The exercise, and the steps of its check.
pub const EXERCISE: Exercise = Exercise {
    name: "thread-pool",
    lesson: "13-server-framework",
    kind: Kind::Build,
    task: "write a server with a fixed number of workers, for whom further clients wait",
    section: "Step 5: a pool",
    hints: [
        "Start the workers before the first client comes. Each is a thread with a loop: \
         take a client, serve it to its end, take the next.",
        "Make a sync_channel of TcpStreams. The loop over the clients sends; the workers \
         share the receiver: Arc<Mutex<Receiver<TcpStream>>>.",
        "In the worker: `let client = waiting.lock().unwrap().recv();` on a line of its \
         own, so that the lock is given back before the work. Then serve it, and print \
         its error: a worker must outlive every client.",
    ],
    steps: &[
        Step {
            says: "the program listens on the address that it is given",
            play: pool_listens,
        },
        Step {
            says: "every line of a client is answered",
            play: pool_lines,
        },
        Step {
            says: "a line is answered whatever its bytes and its length",
            play: pool_bytes,
        },
        Step {
            says: "as many clients as there are workers are served at once, and no more",
            play: pool_at_once,
        },
        Step {
            says: "a worker sleeps until a client comes, and bears it that one is silent",
            play: pool_sleeps,
        },
        Step {
            says: "with one worker, a second client is connected, and waits for its turn",
            play: pool_waits,
        },
        Step {
            says: "worker by worker takes over who waited, with all that was said meanwhile",
            play: pool_turns,
        },
        Step {
            says: "of a crowd that waits everybody has a turn",
            play: pool_crowd,
        },
        Step {
            says: "clients that come at the same time have a worker each",
            play: pool_burst,
        },
        Step {
            says: "a crowd that waits needs no more threads",
            play: pool_threads,
        },
        Step {
            says: "clients that reset their connections cost no worker",
            play: pool_resets,
        },
    ],
};

/// How long nothing may be said to a client that waits.
const MOMENT: Duration = Duration::from_millis(40);

/// Threads besides the workers: main, one that accepts, one to spare.
const BESIDES: usize = 3;

/// Starts the program with a random number of workers, which it returns.
fn starts_pool(stage: &mut Stage) -> Result<usize, Failure> {
    let workers = stage.chance.usize(2..=3);
    stage.starts_server_with([workers.to_string()])?;
    Ok(workers)
}

fn pool_listens(stage: &mut Stage) -> Result<(), Failure> {
    starts_pool(stage)?;
    stage.listens_there_only()
}

fn pool_lines(stage: &mut Stage) -> Result<(), Failure> {
    let words = [(); 3].map(|()| stage.word());
    let mut client = stage.client()?;
    let mut before = None;
    for word in &words {
        answered(&mut client, word).map_err(|failure| {
            let cause = not_answered(&failure, &mut client, before);
            failure.certain(cause).read("Step 1: a loop and a function")
        })?;
        before = Some(word);
    }
    leaves(client)
}

/// Why the only client has not had its answer, which is no more than the line before it tells.
fn not_answered(
    failure: &Failure,
    client: &mut Peer,
    before: Option<&String>,
) -> &'static str {
    let heard = heard(failure);
    let again = before.is_some_and(|before| {
        let before = format!("OK... {before}\n");
        let same = heard
            .iter()
            .zip(before.bytes())
            .all(|(one, other)| *one == other);
        same && heard.len() > "OK... ".len()
    });
    if again {
        return "the line before is in the answer, too: clear its buffer for the next one";
    }
    if failure.kind == FailureKind::Timeout && heard.is_empty() {
        client.half_closes();
        if is_answered(client) {
            return "the answer lies in a buffer until the client has ended: flush it";
        }
    }
    "each line of a client is answered, until it leaves"
}

/// Whether a client that has heard nothing for long is answered now.
fn is_answered(client: &mut Peer) -> bool {
    let silent = client.hears_nothing_for(Duration::from_secs(1));
    silent.is_err_and(|failure| failure.seen.contains("OK... "))
}

/// Whether it is answered when it speaks once more.
fn is_answered_again(client: &mut Peer) -> bool {
    client.says("again\n").is_ok() && is_answered(client)
}

/// What came in place of an answer.
fn heard(failure: &Failure) -> &[u8] {
    failure.bytes.as_ref().map_or(&[], |(_, heard)| heard)
}

/// So long is a line that is called long, in bytes.
const LONG: usize = 120_000;

fn pool_bytes(stage: &mut Stage) -> Result<(), Failure> {
    let mut client = stage.client()?;
    for line in [&b""[..], b" \xff\0\xc3 \r", b"\t \xff \t "] {
        answered(&mut client, line).map_err(|failure| {
            failure.certain(
                "a line is bytes, which need be no text, and may be none at all: it comes \
                 back as it was",
            )
        })?;
    }
    let long = stage.word().repeat(LONG);
    let long = &long[..LONG];
    answered(&mut client, long).map_err(|failure| {
        failure.certain("a line ends with \\n, however long it is: one recv is no line")
    })?;
    leaves(client)
}

fn pool_at_once(stage: &mut Stage) -> Result<(), Failure> {
    let workers = stage.chance.usize(17..=20);
    stage.starts_server_with([workers.to_string()])?;
    let mut served = Vec::new();
    for number in 0..workers {
        let (word, mut client) = (stage.word(), stage.client()?);
        answered(&mut client, &word).map_err(|failure| {
            let late = failure.kind == FailureKind::Timeout;
            let cause = match number {
                _ if !late => {
                    "it has closed a client for whom a worker is there, and free in a moment: \
                     it is handed over, or waits"
                }
                _ if is_answered_again(&mut client) => WHAT_WAS_SAID_IS_LOST,
                0 => "the first client is not served: no worker takes it",
                1 => {
                    "one client is served, and a second one waits for its end: something \
                     makes the workers wait for each other"
                }
                _ => {
                    "there are fewer workers than the second argument says: it is a number \
                     of any size"
                }
            };
            let seen = format!("{number} of {workers} are served, then {}", failure.seen);
            Failure { seen, ..failure }.certain(cause).hint(2)
        })?;
        served.push(client);
    }
    one_more_waits(stage, served)
}

fn pool_sleeps(stage: &mut Stage) -> Result<(), Failure> {
    stage.starts_server_with(["1".to_string()])?;
    // Of several workers that look now and then, one might look at the right time.
    wakes_at_once(|| served_at_once(stage).and_then(leaves))?;
    stage.program()?.sleeps().map_err(|failure| {
        failure.certain(
            "a worker without a client looks and looks for one, and keeps a processor busy: \
             recv, accept, or a condition variable lets it sleep",
        )
    })?;
    let silent = served_at_once(stage)?;
    stage.takes_its_time(&silent)?;
    leaves(silent)
}

/// A client that has had an answer, because a worker is free.
fn served_at_once(stage: &mut Stage) -> Result<Peer, Failure> {
    let word = stage.word();
    let mut client = stage.client()?;
    answered(&mut client, word).map_err(|failure| {
        let cause = match is_answered_again(&mut client) {
            true => WHAT_WAS_SAID_IS_LOST,
            false => "a worker is free, or has become free, and does not take who comes",
        };
        failure.certain(cause)
    })?;
    Ok(client)
}

const WHAT_WAS_SAID_IS_LOST: &str =
    "a worker takes a client, and what the client has said before is lost";

fn pool_waits(stage: &mut Stage) -> Result<(), Failure> {
    let served = full_house(stage, 1)?;
    one_more_waits(stage, served)
}

fn one_more_waits(stage: &mut Stage, mut served: Vec<Peer>) -> Result<(), Failure> {
    let (word, other) = (stage.word(), stage.word());
    let mut waits = stage.client()?;
    // The others speak meanwhile: each has its worker to the end.
    waits.says(format!("{word}\n"))?;
    for client in &mut served {
        answered(client, &other).map_err(|failure| {
            failure.certain("somebody waits, and who is served is no longer answered")
        })?;
    }
    stage.program()?.sleeps().ok(); // whatever it does for them is done
    waits.hears_nothing_for(MOMENT).map_err(|failure| {
        let cause = if failure.seen.contains("the end") {
            "a client that found no free worker was closed: it is to wait"
        } else if failure.seen.contains("OK... ") {
            "more clients are served at once than there are workers: there are too many of \
             them, or they take turns, and a worker keeps its client to the end"
        } else {
            "a client that waits has been told something: all that it hears are answers"
        };
        failure
            .certain(cause)
            .read("All workers are busy with nothing")
    })
}

fn pool_turns(stage: &mut Stage) -> Result<(), Failure> {
    let workers = starts_pool(stage)?;
    let served = full_house(stage, workers)?;
    let mut stayed = Vec::new();
    for mut leaver in served {
        let words = [stage.word(), stage.word()];
        let mut waits = stage.client()?;
        waits.says(words.clone().map(|word| format!("{word}\n")).concat())?;
        stage.program()?.sleeps().ok(); // it has let them in, if it does: so they wait
        // It ends in the middle of a line, of which the next client is to hear nothing.
        let half = stage.word();
        leaver.says(&half)?;
        leaver.half_closes();
        leaver.hears_all(LONG)?;
        waits
            .hears(words.map(|word| format!("OK... {word}\n")).concat())
            .map_err(|failure| {
                let heard = heard(&failure);
                let silent = heard.is_empty();
                let cause = if silent && is_answered_again(&mut waits) {
                    WHAT_WAS_SAID_IS_LOST
                } else if silent {
                    "a worker that has become free did not take who waits"
                } else if heard.starts_with(format!("OK... {half}").as_bytes()) {
                    "what the client before had said is in the answer: each client begins \
                     with empty buffers"
                } else {
                    "a client has said several lines while it waited: each is answered"
                };
                failure
                    .certain(cause)
                    .read("All workers are busy with nothing")
            })?;
        leaves(waits)?;
        // A further one is served now, and stays: the next leaver frees its own worker.
        let mut stays = stage.client()?;
        answered(&mut stays, stage.word()).map_err(|failure| {
            let cause = "a client waits, though a worker is free: clients are to wait in one \
                         place for all workers";
            failure.certain(cause)
        })?;
        stayed.push(stays);
    }
    Ok(())
}

/// So many workers that a thread more for each of them would be too much.
const MANY: usize = 6;

fn pool_crowd(stage: &mut Stage) -> Result<(), Failure> {
    stage.starts_server_with([MANY.to_string()])?;
    let busy = full_house(stage, MANY)?;
    let word = stage.word();
    let (question, answer) = (format!("{word}\n"), format!("OK... {word}\n"));
    crowd_has_turns(stage, busy, (&question, &answer))
}

/// So often clients come together: somebody who wakes too few workers may be lucky.
const BURSTS: usize = 6;

fn pool_burst(stage: &mut Stage) -> Result<(), Failure> {
    for burst in 0..BURSTS {
        let word = stage.word();
        let mut clients = Vec::new();
        // It finds all of them at once, or they come while it takes the first.
        let at_once = burst % 2 == 0;
        if at_once {
            stage.program()?.stops()?;
        }
        for _ in 0..MANY {
            let mut client = stage.client()?;
            client.says(format!("{word}\n"))?;
            clients.push(client);
        }
        if at_once {
            stage.program()?.goes_on()?;
        }
        for client in &mut clients {
            client.hears(format!("OK... {word}\n")).map_err(|failure| {
                failure.certain(
                    "several clients come together, and too few workers wake up: each \
                     client that comes wakes one",
                )
            })?;
        }
        clients.into_iter().try_for_each(leaves)?;
    }
    Ok(())
}

fn pool_threads(stage: &mut Stage) -> Result<(), Failure> {
    let _served = full_house(stage, MANY)?;
    few_threads(
        stage,
        MANY,
        "there are more threads than the workers and three besides, though nobody waits",
    )?;
    let mut crowd = Vec::new();
    for _ in 0..20 {
        crowd.push(stage.client()?);
    }
    few_threads(
        stage,
        MANY,
        "who waits has a thread: let clients wait in a queue, not threads",
    )
}

fn few_threads(stage: &mut Stage, workers: usize, cause: &str) -> Result<(), Failure> {
    let most = workers + BESIDES;
    stage.program()?.sleeps()?; // whom it starts has been started, and whom it ends is gone
    let threads = stage.program()?.threads().unwrap_or(0);
    if threads > most {
        let expected = format!("at most {most} threads for {workers} workers");
        let failure = Failure::new(expected, format!("{threads} threads"));
        return Err(failure.certain(cause));
    }
    Ok(())
}

fn pool_resets(stage: &mut Stage) -> Result<(), Failure> {
    let workers = starts_pool(stage)?;
    let served = full_house(stage, workers)?;
    let word = stage.word();
    all_reset(stage, served, &format!("{word}\n"))?;
    let again = full_house(stage, workers).and_then(|served| {
        // And such as reset while they are served, and say nothing more.
        served.into_iter().for_each(Peer::resets);
        full_house(stage, workers)
    });
    let program = stage.program()?;
    let _served = again.map_err(|failure| {
        // The end of a stream is seen a moment before the end of its program.
        let cause = match program.wait(Duration::from_millis(100)).is_ok() {
            true => "a lost client has ended the whole program: only that client is lost",
            false => "a lost client has ended its worker: it must take the next one",
        };
        failure.certain(cause).hint(2).read("A handler panics")
    })?;
    let cause = "after resets there are more threads than before: for each lost client a new \
                 worker was started, and the old one has not ended";
    few_threads(stage, workers, cause)
}

/// So many clients, who have all had an answer, and stay.
fn full_house(stage: &mut Stage, workers: usize) -> Result<Vec<Peer>, Failure> {
    let mut clients = Vec::new();
    for _ in 0..workers {
        let word = stage.word();
        let mut client = stage.client()?;
        answered(&mut client, &word)?;
        clients.push(client);
    }
    Ok(clients)
}

/// Says a line, and expects its answer.
fn answered(client: &mut Peer, line: impl AsRef<[u8]>) -> Result<(), Failure> {
    let line = [line.as_ref(), b"\n"].concat();
    client.says(&line)?;
    client.hears([b"OK... ", &line[..]].concat())
}
