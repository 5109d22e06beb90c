//! The exercises of lesson 13, and what their checks do.

use std::thread;
use std::time::{Duration, Instant};

use crate::{Exercise, Kind, Peer, Stage, Step, Trouble, TroubleKind};

/// All of them, in the order of the chapter.
pub const EXERCISES: &[Exercise] = &[THREAD_POOL, HANDLER_PANIC];

const THREAD_POOL: Exercise = Exercise {
    name: "thread-pool",
    lesson: "13-server-framework",
    kind: Kind::Build,
    task: "write a server with a fixed number of workers, for whom further clients wait",
    section: "The pool",
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
            says: "as many clients as there are workers are served at once",
            play: pool_at_once,
        },
        Step {
            says: "one more is connected, and waits for its turn",
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
fn starts_pool(stage: &mut Stage) -> Result<usize, Trouble> {
    let workers = stage.chance.usize(2..=3);
    stage.starts_server_with([workers.to_string()])?;
    Ok(workers)
}

fn pool_listens(stage: &mut Stage) -> Result<(), Trouble> {
    starts_pool(stage).map(drop)
}

fn pool_lines(stage: &mut Stage) -> Result<(), Trouble> {
    let words = [(); 3].map(|()| stage.word());
    let mut client = stage.client()?;
    for word in &words {
        answered(&mut client, word).map_err(|trouble| {
            trouble
                .surely("each line of a client is answered, until it leaves")
                .read("The program")
        })?;
    }
    leaves(client)
}

fn pool_at_once(stage: &mut Stage) -> Result<(), Trouble> {
    let workers = starts_pool(stage)?;
    full_house(stage, workers).map(drop).map_err(|trouble| {
        trouble
            .surely(
                "there are fewer clients served than there are workers: something makes \
                 them wait for each other",
            )
            .hint(3)
    })
}

fn pool_waits(stage: &mut Stage) -> Result<(), Trouble> {
    let workers = starts_pool(stage)?;
    let mut served = full_house(stage, workers)?;
    let (word, other) = (stage.word(), stage.word());
    let mut waits = stage.client()?;
    let told = waits.says(format!("{word}\n"));
    told.and_then(|()| waits.hears_nothing_for(MOMENT))
        .map_err(|trouble| {
            let closed = trouble.seen.contains("the end");
            let cause = if closed {
                "a client that found no free worker was closed: it is to wait"
            } else {
                "more clients are served at once than there are workers"
            };
            trouble
                .surely(cause)
                .read("All workers are busy with nothing")
        })?;
    served
        .iter_mut()
        .try_for_each(|client| answered(client, &other))
}

fn pool_turns(stage: &mut Stage) -> Result<(), Trouble> {
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
            .map_err(|trouble| {
                trouble
                    .surely("a worker that has become free did not take who waits")
                    .hint(1)
                    .read("All workers are busy with nothing")
            })?;
        leaves(waits)?;
        // A further one is served now, and stays: the next leaver frees its own worker.
        let mut stays = stage.client()?;
        answered(&mut stays, &stage.word())?;
        stayed.push(stays);
    }
    Ok(())
}

fn pool_threads(stage: &mut Stage) -> Result<(), Trouble> {
    let workers = starts_pool(stage)?;
    let _served = full_house(stage, workers)?;
    let mut crowd = Vec::new();
    for _ in 0..20 {
        crowd.push(stage.client()?);
    }
    let most = workers + BESIDES;
    let end = Instant::now() + MOMENT;
    while Instant::now() < end {
        let threads = stage.program()?.threads().unwrap_or(0);
        if threads > most {
            let expected = format!("at most {most} threads for {workers} workers");
            return Err(Trouble::fail(expected, format!("{threads} threads"))
                .surely(
                    "who waits has a thread: let clients wait in a queue, not threads",
                )
                .hint(2));
        }
        thread::sleep(Duration::from_millis(1)); // between two looks
    }
    Ok(())
}

fn pool_resets(stage: &mut Stage) -> Result<(), Trouble> {
    let workers = starts_pool(stage)?;
    let lost = |trouble: Trouble| {
        trouble
            .surely("a lost client has ended its worker: it must take the next one")
            .hint(3)
            .read("A handler panics")
    };
    let served = full_house(stage, workers)?;
    for _ in 0..2 {
        let waits = stage.client()?;
        waits.resets();
    }
    served.into_iter().for_each(Peer::resets);
    for _ in 0..workers {
        let word = stage.word();
        let mut client = stage.client()?;
        answered(&mut client, &word).map_err(lost)?;
        client.resets();
    }
    full_house(stage, workers).map(drop).map_err(lost)
}

/// So many clients, who have all had an answer, and stay.
fn full_house(stage: &mut Stage, workers: usize) -> Result<Vec<Peer>, Trouble> {
    let mut clients = Vec::new();
    for _ in 0..workers {
        let word = stage.word();
        let mut client = stage.client()?;
        answered(&mut client, &word)?;
        clients.push(client);
    }
    Ok(clients)
}

/// Ends its sending, and expects the end in return.
fn leaves(mut client: Peer) -> Result<(), Trouble> {
    client.half_closes();
    client.hears_the_end()
}

/// Says a word in a line, and expects its answer.
fn answered(client: &mut Peer, word: &str) -> Result<(), Trouble> {
    client.says(format!("{word}\n"))?;
    client.hears(format!("OK... {word}\n"))
}

const HANDLER_PANIC: Exercise = Exercise {
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
            says: "whatever the handler panics at, it costs no worker",
            play: panic_kinds,
        },
    ],
};

/// How many workers the task promises.
const THREE: usize = 3;

fn panic_listens(stage: &mut Stage) -> Result<(), Trouble> {
    stage.starts_server()
}

fn panic_sums(stage: &mut Stage) -> Result<(), Trouble> {
    let mut client = stage.client()?;
    for _ in 0..3 {
        summed(stage, &mut client).map_err(|trouble| {
            trouble
                .surely("each line of a client is answered with the sum of its numbers")
        })?;
    }
    leaves(client)
}

fn panic_three(stage: &mut Stage) -> Result<(), Trouble> {
    three_at_once(stage).map(drop).map_err(|trouble| {
        trouble.surely(
            "fewer than three clients are served at once: there are three workers",
        )
    })
}

fn panic_end(stage: &mut Stage) -> Result<(), Trouble> {
    let line = nonsense(stage);
    panics_at(stage, line.as_bytes()).map_err(|trouble| {
        let cause = if trouble.kind == TroubleKind::Timeout {
            "the connection outlives the panic: somebody still owns it, and nobody closes it"
        } else {
            "a client whose handler panics gets no answer, only the end of its connection"
        };
        trouble.surely(cause)
    })
}

fn panic_others(stage: &mut Stage) -> Result<(), Trouble> {
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
    ended.map_err(|trouble| {
        trouble
            .surely("the panic with one client has reached others, who have done nothing")
            .hint(2)
    })
}

fn panic_many(stage: &mut Stage) -> Result<(), Trouble> {
    stage.starts_server()?;
    for _ in 0..2 * THREE + 1 {
        let line = nonsense(stage);
        panics_at(stage, line.as_bytes()).map_err(worn_out)?;
    }
    three_at_once(stage).map(drop).map_err(worn_out)
}

fn panic_kinds(stage: &mut Stage) -> Result<(), Trouble> {
    stage.starts_server()?;
    let word = stage.word();
    let (small, large) = (stage.chance.u32(1..1_000), u32::MAX);
    let kinds = [
        format!("{word}\n"),
        "\n".to_string(),
        format!("{small} {large}\n"),
        format!("{small} {word}\n"),
    ];
    for kind in kinds {
        for _ in 0..2 {
            let Err(trouble) = panics_at(stage, kind.as_bytes()) else {
                continue;
            };
            // Without a worker the client waits, or is reset, or sees an end all the same.
            if three_at_once(stage).is_err() {
                return Err(worn_out(trouble));
            }
            let cause = "the handler stays as it is: a panic ends the client, no more";
            return Err(trouble.surely(cause).hint(2));
        }
    }
    three_at_once(stage).map(drop).map_err(worn_out)
}

/// A client sends a line at which the handler panics.
fn panics_at(stage: &mut Stage, line: &[u8]) -> Result<(), Trouble> {
    let mut client = stage.client()?;
    client.says(line)?;
    client.hears_the_end()
}

fn worn_out(trouble: Trouble) -> Trouble {
    trouble
        .surely("each panic ends its thread, a worker: when all are gone, nobody serves")
        .hint(2)
}

/// Two words where numbers should be.
fn nonsense(stage: &mut Stage) -> String {
    format!("{} {}\n", stage.word(), stage.word())
}

/// A question and its answer.
fn summed(stage: &mut Stage, client: &mut Peer) -> Result<(), Trouble> {
    let (one, other) = (
        stage.chance.u32(..1_000_000_000),
        stage.chance.u32(..1_000_000_000),
    );
    client.says(format!("{one} {other}\n"))?;
    client.hears(format!("{}\n", one + other))
}

/// Three clients, who have all had an answer, and stay.
fn three_at_once(stage: &mut Stage) -> Result<Vec<Peer>, Trouble> {
    let mut clients = Vec::new();
    for _ in 0..THREE {
        let mut client = stage.client()?;
        summed(stage, &mut client)?;
        clients.push(client);
    }
    Ok(clients)
}
