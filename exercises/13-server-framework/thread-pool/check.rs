//! `thread-pool`: the task, and what its check does.

use std::thread;
use std::time::{Duration, Instant};

use checker::{Exercise, Failure, Kind, Peer, Stage, Step};

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
            says: "with one worker, a second client is connected, and waits for its turn",
            play: pool_waits,
        },
        Step {
            says: "worker by worker takes over who waited, with all that was said meanwhile",
            play: pool_turns,
        },
        Step {
            says: "a crowd that waits needs no more threads",
            play: pool_threads,
        },
        Step {
            says: "of a crowd that waits everybody has a turn",
            play: pool_crowd,
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
    for word in &words {
        answered(&mut client, word).map_err(|failure| {
            failure
                .certain("each line of a client is answered, until it leaves")
                .read("Step 1: a loop and a function")
        })?;
    }
    leaves(client)
}

/// So long is a line that is called long, in bytes.
const LONG: usize = 120_000;

fn pool_bytes(stage: &mut Stage) -> Result<(), Failure> {
    let mut client = stage.client()?;
    for line in [&b""[..], b" \xff\0\xc3 \r"] {
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
            let cause = match number {
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

fn pool_waits(stage: &mut Stage) -> Result<(), Failure> {
    stage.starts_server_with(["1".to_string()])?;
    let served = full_house(stage, 1)?;
    one_more_waits(stage, served)
}

fn one_more_waits(stage: &mut Stage, mut served: Vec<Peer>) -> Result<(), Failure> {
    let (word, other) = (stage.word(), stage.word());
    let mut waits = stage.client()?;
    // The others speak meanwhile: each has its worker to the end.
    waits.says(format!("{word}\n"))?;
    let told = served
        .iter_mut()
        .try_for_each(|client| answered(client, &other));
    told.and_then(|()| waits.hears_nothing_for(MOMENT))
        .map_err(|failure| {
            let closed = failure.seen.contains("the end");
            let cause = if closed {
                "a client that found no free worker was closed: it is to wait"
            } else {
                "more clients are served at once than there are workers"
            };
            failure
                .certain(cause)
                .read("All workers are busy with nothing")
        })?;
    Ok(())
}

fn pool_turns(stage: &mut Stage) -> Result<(), Failure> {
    let workers = starts_pool(stage)?;
    let served = full_house(stage, workers)?;
    let mut stayed = Vec::new();
    for leaver in served {
        let words = [stage.word(), stage.word()];
        let mut waits = stage.client()?;
        waits.says(words.clone().map(|word| format!("{word}\n")).concat())?;
        leaves(leaver)?;
        waits
            .hears(words.map(|word| format!("OK... {word}\n")).concat())
            .map_err(|failure| {
                failure
                    .certain("a worker that has become free did not take who waits")
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

fn pool_threads(stage: &mut Stage) -> Result<(), Failure> {
    let workers = MANY;
    stage.starts_server_with([workers.to_string()])?;
    let _served = full_house(stage, workers)?;
    few_threads(
        stage,
        workers,
        "there are more threads than the workers and three besides, though nobody waits",
    )?;
    let mut crowd = Vec::new();
    for _ in 0..20 {
        crowd.push(stage.client()?);
    }
    few_threads(
        stage,
        workers,
        "who waits has a thread: let clients wait in a queue, not threads",
    )
}

fn few_threads(stage: &mut Stage, workers: usize, cause: &str) -> Result<(), Failure> {
    let most = workers + BESIDES;
    let end = Instant::now() + MOMENT;
    while Instant::now() < end {
        let threads = stage.program()?.threads().unwrap_or(0);
        if threads > most {
            let expected = format!("at most {most} threads for {workers} workers");
            let failure = Failure::new(expected, format!("{threads} threads"));
            return Err(failure.certain(cause));
        }
        thread::sleep(Duration::from_millis(1)); // between two looks
    }
    Ok(())
}

fn pool_crowd(stage: &mut Stage) -> Result<(), Failure> {
    let busy = full_house(stage, MANY)?;
    let word = stage.word();
    let (question, answer) = (format!("{word}\n"), format!("OK... {word}\n"));
    crowd_has_turns(stage, busy, (&question, &answer))
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
    again.map(drop).map_err(|failure| {
        // The end of a stream is seen a moment before the end of its program.
        let cause = match program.wait(Duration::from_millis(100)).is_ok() {
            true => "a lost client has ended the whole program: only that client is lost",
            false => "a lost client has ended its worker: it must take the next one",
        };
        failure.certain(cause).hint(2).read("A handler panics")
    })
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
