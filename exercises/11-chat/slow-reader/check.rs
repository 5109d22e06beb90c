//! `slow-reader`: the task, and what its check does.

use std::time::{Duration, Instant};

use checker::{Exercise, Failure, Kind, Peer, Stage, Step};

/// The exercise, and the steps of its check.
pub const EXERCISE: Exercise = Exercise {
    name: "slow-reader",
    lesson: "11-chat",
    kind: Kind::Repair,
    task: "keep a chat alive in which one client does not read",
    section: "Step 4: a queue for each",
    hints: [
        "Suspend one nc with Ctrl+Z, let another one talk without a break, and look with \
         `strace -p PID` in which call the server sleeps.",
        "write_all waits until the kernel has room for all of it, and room comes only when \
         that client reads. A socket can be told not to wait: set_nonblocking(true).",
        "write then takes a part, or fails with WouldBlock. Keep the rest in a queue of \
         that client's, ask select for room only while there is a rest, and drop who lets \
         too much pile up. Or drop it at once: then no queue is needed.",
    ],
    steps: &[
        Step {
            says: "the program listens on the address that it is given",
            play: listens,
        },
        Step {
            says: "each one who comes in is welcomed",
            play: welcome,
        },
        Step {
            says: "a line reaches all the others unchanged, and not the one who said it",
            play: a_line,
        },
        Step {
            says: "a line that comes in pieces stays whole among the others'",
            play: pieces,
        },
        Step {
            says: "while nobody speaks, the server sleeps",
            play: sleeps,
        },
        Step {
            says: "one leaves, one resets, and the others go on",
            play: leave,
        },
        Step {
            says: "a line meets clients that have just gone",
            play: just_gone,
        },
        Step {
            says: "one does not read, and the others still hear each other",
            play: one_does_not_read,
        },
    ],
};

fn listens(stage: &mut Stage) -> Result<(), Failure> {
    stage.starts_server()
}

/// A client that is in: it has been welcomed.
fn comes_in(stage: &mut Stage) -> Result<Peer, Failure> {
    let mut client = stage.client()?;
    client.hears("welcome\n").map_err(|failure| {
        failure.certain("everybody is to be let in and welcomed, whoever is here already")
    })?;
    Ok(client)
}

fn welcome(stage: &mut Stage) -> Result<(), Failure> {
    let _first = comes_in(stage)?;
    comes_in(stage).map(drop)
}

fn a_line(stage: &mut Stage) -> Result<(), Failure> {
    let mut clients = [comes_in(stage)?, comes_in(stage)?, comes_in(stage)?];
    let line = [b"\xff\0\r", &stage.bytes(40)[..], b"\n\n"].concat();
    let answer = stage.word() + "\n";
    clients[0].says(&line)?;
    for other in [1, 2] {
        let heard = clients[other].hears(&line);
        heard.map_err(|failure| match failure.kind {
            checker::FailureKind::Timeout => {
                failure.certain("what one client says goes to all the others at once")
            }
            _ => failure.likely("a line is bytes, and is passed on unchanged"),
        })?;
    }
    clients[1].says(&answer)?;
    for other in [0, 2] {
        let heard = clients[other].hears(&answer);
        heard.map_err(|failure| {
            failure.likely("nobody is to hear what it has said itself, only the others")
        })?;
    }
    Ok(())
}

fn pieces(stage: &mut Stage) -> Result<(), Failure> {
    let (half, rest, line) = (stage.word(), stage.word(), stage.word());
    let mut clients = [comes_in(stage)?, comes_in(stage)?, comes_in(stage)?];
    clients[0].says(&half)?;
    std::thread::sleep(checker::PAUSE); // not to wait for anything: this is the split
    clients[1].says(format!("{line}\n"))?;
    let cause = "one read was taken for one line: half a line must wait for its end";
    let heard = clients[2].hears(format!("{line}\n"));
    heard.map_err(|failure| failure.likely(cause).read("Lines in pieces"))?;
    clients[0].says(format!("{rest}\n"))?;
    let whole = format!("{half}{rest}\n");
    let heard = clients[2].hears(&whole);
    heard.map_err(|failure| failure.likely(cause).read("Lines in pieces"))?;
    // Who has read all can leave without a reset.
    clients[0].hears(format!("{line}\n"))?;
    clients[1].hears(&whole)
}

fn leave(stage: &mut Stage) -> Result<(), Failure> {
    let line = stage.word() + "\n";
    let mut clients = [comes_in(stage)?, comes_in(stage)?];
    let (leaves, resets) = (comes_in(stage)?, comes_in(stage)?);
    let at_rest = |stage: &mut Stage| {
        stage.program()?.sleeps().map_err(|failure| {
            let cause =
                "a client that has ended is readable for ever: take it out of the list";
            failure.certain(cause).read("Step 5: limits")
        })
    };
    // One after the other: in one round, the write for the one could meet the other's reset,
    // and then the read would not.
    drop(leaves);
    at_rest(stage)?;
    resets.resets();
    at_rest(stage)?;
    let heard = clients[0]
        .says(&line)
        .and_then(|()| clients[1].hears(&line));
    heard.map_err(|failure| {
        let cause = "a client that has gone ended more than itself";
        failure.certain(cause).read("Step 5: limits")
    })
}

/// The server is stopped meanwhile, so that it finds all of it at once: two clients that
/// have been reset, one before the speaker and one after, and the line.
fn just_gone(stage: &mut Stage) -> Result<(), Failure> {
    let (line, again) = (stage.word() + "\n", stage.word() + "\n");
    let before = comes_in(stage)?;
    let (mut talks, mut listens) = (comes_in(stage)?, comes_in(stage)?);
    let after = comes_in(stage)?;
    stage.program()?.stops()?;
    for gone in [before, after] {
        gone.half_closes();
        gone.resets();
    }
    talks.says(&line)?;
    stage.program()?.goes_on()?;
    let heard = listens
        .hears(&line)
        .and_then(|()| talks.says(&again))
        .and_then(|()| listens.hears(&again));
    heard.map_err(|failure| {
        let cause = "a line could not be sent to a client that had just gone: that ends this \
                     client, and nothing else";
        failure.certain(cause).read("Step 5: limits")
    })
}

fn sleeps(stage: &mut Stage) -> Result<(), Failure> {
    let _clients = [comes_in(stage)?, comes_in(stage)?];
    stage.program()?.sleeps().map_err(|failure| {
        let cause = "it runs in circles: a socket has room nearly always, so ask for room \
                     only while something waits";
        failure.certain(cause).hint(2).read("Step 4: a queue for each")
    })
}

/// A round takes some milliseconds. One that takes so long was held up, by the server or by
/// the machine.
const HELD_UP: Duration = Duration::from_millis(700);

fn one_does_not_read(stage: &mut Stage) -> Result<(), Failure> {
    if longest_round(stage)? < HELD_UP {
        return Ok(());
    }
    // A busy machine does not do the same twice.
    stage.starts_server()?;
    let longest = longest_round(stage)?;
    if longest < HELD_UP {
        return Ok(());
    }
    let expected = "each round of lines to come at once";
    let failure = Failure::new(expected, format!("a round that took {longest:.1?}"));
    let cause = "the others wait for the one who does not read, until its time is up: its \
                 socket is to be nonblocking, or to have a thread of its own";
    Err(failure.certain(cause).read("A client that does not read"))
}

/// How long the others waited at most for one round of lines.
fn longest_round(stage: &mut Stage) -> Result<Duration, Failure> {
    let mut longest = Duration::ZERO;
    let mut clients = [comes_in(stage)?, comes_in(stage)?, comes_in(stage)?];
    let [slow, talks, listens] = &mut clients;
    listens.acknowledges_at_once();
    // More than the kernel keeps for one connection.
    let line = [&vec![b'x'; stage.chance.usize(900..1100)][..], b"\n"].concat();
    let much = line.repeat(ROUND / line.len());
    let mut said = Vec::new();
    for round in 0..ROUNDS {
        let lines = [format!("{round}\n").as_bytes(), &much].concat();
        let start = Instant::now();
        let passed = talks.says(&lines).and_then(|()| listens.hears(&lines));
        passed.map_err(|failure| match failure.kind {
            checker::FailureKind::Timeout => {
                let cause = "your server waits for room for the one who does not read, and \
                             all the others wait with it";
                failure.certain(cause).read("A client that does not read")
            }
            _ => {
                let cause = "one client did not read, and another one has lost its \
                             connection with it, or got lines in another order";
                failure.certain(cause).hint(2)
            }
        })?;
        longest = longest.max(start.elapsed());
        said.extend(lines);
        if longest >= HELD_UP {
            return Ok(longest);
        }
    }
    stage.program()?.sleeps().map_err(|failure| {
        let cause = "it tries again and again where there is no room: ask select for it";
        failure.certain(cause).hint(2)
    })?;
    // Now it reads: all of it, or the beginning and then the end.
    let Err(failure) = slow.hears(&said) else {
        return Ok(longest);
    };
    let heard = failure.bytes.as_ref().map_or(&[][..], |(_, heard)| heard);
    let (expected, no_hole) = ("what was said, without holes", said.starts_with(heard));
    match failure.kind {
        checker::FailureKind::Fail if no_hole => Ok(longest), // dropped
        _ => {
            let seen = format!("{} bytes of {}, then others", heard.len(), said.len());
            let seen = if no_hole { failure.seen } else { seen };
            let cause = "write takes a part, or nothing: the rest was forgotten, and so \
                         there is a hole in what this client gets";
            Err(Failure::new(expected, seen).likely(cause).hint(2))
        }
    }
}

const ROUND: usize = 64 * 1024;

const ROUNDS: usize = 96;
