//! `slow-reader`: the task, and what its check does.

use std::time::{Duration, Instant};

use checker::{Exercise, Failure, FailureKind, Kind, Peer, Stage, Step, quoted};

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
            says: "who comes in later hears what is said from then on",
            play: comes_later,
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
            says: "long lines stay whole among each other",
            play: long_lines,
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
        Step {
            says: "who did not read reads again, and nobody speaks: the rest comes",
            play: reads_again,
        },
        Step {
            says: "who does not read is heard all the same",
            play: speaks_unread,
        },
    ],
};

fn listens(stage: &mut Stage) -> Result<(), Failure> {
    stage.starts_server()?;
    stage.listens_there_only()
}

/// A client that is in: it has been welcomed.
fn comes_in(stage: &mut Stage) -> Result<Peer, Failure> {
    let client = stage.client()?;
    is_welcome(client)
}

/// The same for whom the kernel keeps little that it has not received yet.
fn comes_in_narrowly(stage: &mut Stage) -> Result<Peer, Failure> {
    let client = stage.narrow_client()?;
    is_welcome(client)
}

fn is_welcome(mut client: Peer) -> Result<Peer, Failure> {
    client.hears("welcome\n").map_err(|failure| {
        failure.certain("everybody is to be let in and welcomed, whoever is here already")
    })?;
    Ok(client)
}

fn welcome(stage: &mut Stage) -> Result<(), Failure> {
    let mut first = stage.client()?;
    first.hears("welcome\n").map_err(|failure| {
        failure.certain(
            "who comes in hears the line `welcome` at once, before it has said anything",
        )
    })?;
    // A chat has no number of seats.
    let _crowd: Vec<_> = (0..20).map(|_| comes_in(stage)).collect::<Result<_, _>>()?;
    Ok(())
}

fn comes_later(stage: &mut Stage) -> Result<(), Failure> {
    let (earlier, line) = (stage.word() + "\n", stage.word() + "\n");
    let (mut talks, mut listens) = (comes_in(stage)?, comes_in(stage)?);
    let cause = "who comes in hears `welcome`, and then what is said from then on";
    let later = |failure: Failure| failure.likely(cause);
    let heard = talks.says(&earlier).and_then(|()| listens.hears(&earlier));
    heard.map_err(later)?;
    let mut newcomer = comes_in(stage)?;
    talks.says(&line)?;
    newcomer.hears(&line).map_err(later)?;
    listens.hears(&line) // who has read all can leave without a reset
}

fn a_line(stage: &mut Stage) -> Result<(), Failure> {
    let Err(failure) = is_passed_on(stage) else {
        return Ok(());
    };
    let is_lost = failure.kind == FailureKind::Timeout || failure.is_cut_off();
    if !is_lost || failure.certain {
        return Err(failure);
    }
    // The crowd of the step before has left: is it that?
    stage.starts_server()?;
    Err(match is_passed_on(stage) {
        Ok(()) => {
            let cause = "a line is heard if nobody has left before: when several had left at \
                         once, somebody else was taken off the list, too";
            failure.certain(cause).read("Step 5: limits")
        }
        Err(_) => failure,
    })
}

/// For what comes at once, if it comes.
const MOMENT: Duration = Duration::from_millis(100);

/// The same where something has failed, and the machine may be busy.
const A_WHILE: Duration = Duration::from_secs(1);

fn is_passed_on(stage: &mut Stage) -> Result<(), Failure> {
    let mut clients = [comes_in(stage)?, comes_in(stage)?, comes_in(stage)?];
    // Blanks at a line's ends are bytes, too.
    let line = [b" \xff\0\r", &stage.bytes(40)[..], b" \t\r\n\n"].concat();
    let answer = stage.word() + "\n";
    clients[0].says(&line)?;
    for other in [1, 2] {
        let heard = clients[other].hears(&line);
        heard.map_err(|failure| match failure.kind {
            FailureKind::Timeout => not_passed_on(failure, &mut clients, other),
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
    clients[2].says("\n")?;
    for other in [0, 1] {
        let heard = clients[other].hears("\n");
        heard.map_err(|failure| {
            failure.certain("a line with nothing in it is a line, and is passed on, too")
        })?;
    }
    Ok(())
}

/// Why another one did not hear what client 0 has said: said once more, does it?
fn not_passed_on(failure: Failure, clients: &mut [Peer], other: usize) -> Failure {
    let again = "again\n";
    let says_again = failure.has_nothing() && clients[0].says(again).is_ok();
    let listens = &mut clients[other];
    let spoken = says_again && listens.hears_nothing_for(A_WHILE).is_err();
    if spoken && listens.hears(again).is_ok() {
        return failure.certain(
            "who has just come in misses a line, and hears the next one: it was welcomed, \
             and was not on the list yet",
        );
    }
    let ended = clients[0].hears_nothing_for(A_WHILE);
    if ended.is_err_and(|failure| failure.seen == "the end of the stream") {
        return failure.probably(
            "the connection of the one who spoke was closed: a line is bytes, and need be no \
             text",
        );
    }
    failure.probably(
        "what one client says goes to all the others at once, line by line: also an empty one",
    )
}

fn pieces(stage: &mut Stage) -> Result<(), Failure> {
    let (half, rest, line) = (stage.word(), stage.word(), stage.word());
    let mut clients = [comes_in(stage)?, comes_in(stage)?, comes_in(stage)?];
    clients[0].says_apart([half.as_bytes()])?;
    clients[1].says(format!("{line}\n"))?;
    let cause = "one read was taken for one line: half a line must wait for its end";
    let heard = clients[2].hears(format!("{line}\n"));
    heard.map_err(|failure| {
        // The half has waited, if the one who spoke after it has not heard it.
        let waited = clients[1].hears_nothing_for(MOMENT).is_ok();
        let mixed = failure.kind == FailureKind::Fail && waited;
        let failure = match mixed {
            true => failure.certain(
                "half a line has waited for its end, and got another client's: each client \
                 needs a place of its own for what it has begun",
            ),
            false => failure.likely(cause),
        };
        failure.read("Lines in pieces")
    })?;
    clients[0].says(format!("{rest}\n"))?;
    let whole = format!("{half}{rest}\n");
    let heard = clients[2].hears(&whole);
    heard.map_err(|failure| failure.likely(cause).read("Lines in pieces"))?;
    // Who has read all can leave without a reset.
    clients[0].hears(format!("{line}\n"))?;
    clients[1].hears(&whole)
}

/// Two clients speak in turn, each with a line that is longer than any read.
fn long_lines(stage: &mut Stage) -> Result<(), Failure> {
    let halves = [(); 2].map(|()| stage.word().repeat(LONG / 12));
    let mut talk = [comes_in(stage)?, comes_in(stage)?];
    let mut listens = comes_in(stage)?;
    let whole = halves.each_ref().map(|half| format!("{half}{half}\n"));
    let cause = "a line may be long, and come in many reads: it is passed on when its end has \
                 come, and in one piece";
    let torn = |failure: Failure| match failure.is_cut_off() {
        true => failure.certain(DROPPED).hint(2),
        false => failure.certain(cause).read("Lines in pieces"),
    };
    for _ in 0..2 {
        for (client, half) in talk.iter_mut().zip(&halves) {
            client.says(half).map_err(torn)?;
            // It has read that half. Who reads byte by byte has work for a while.
            stage.program()?.sleeps().ok();
        }
    }
    for (client, line) in talk.iter_mut().zip(&whole) {
        let heard = client.says("\n").and_then(|()| listens.hears(line));
        heard.map_err(torn)?;
    }
    // Who has read all can leave without a reset.
    talk[0].hears(&whole[1])?;
    talk[1].hears(&whole[0])
}

const DROPPED: &str = "a client that reads was dropped: only one for whom much waits may be, and \
                       how much that is shows when the kernel has taken what it takes now";

/// About as long is half of a long line.
const LONG: usize = 120_000;

fn leave(stage: &mut Stage) -> Result<(), Failure> {
    let line = stage.word() + "\n";
    let mut clients = [comes_in(stage)?, comes_in(stage)?];
    let (mut leaves, resets) = (comes_in(stage)?, comes_in(stage)?);
    let half = stage.word();
    leaves.says(&half)?;
    let at_rest = |stage: &mut Stage| {
        stage
            .program()?
            .sleeps()
            .map_err(|failure| failure.certain(ENDED).read("Step 5: limits"))
    };
    // One after the other: in one round, the write for the one could meet the other's reset,
    // and then the read would not.
    drop(leaves);
    at_rest(stage)?;
    resets.resets();
    at_rest(stage)?;
    // The half line of who has left is lost, or a line by now: it is no part of another one.
    let heard = clients[0].says(&line).and_then(|()| {
        let first = clients[1].hears_through(b"\n", line.len() + half.len() + 1)?;
        match first == line.as_bytes() {
            true => Ok(()),
            false if first == [half.as_bytes(), b"\n"].concat() => {
                clients[1].hears(&line)
            }
            false => Err(
                Failure::new(quoted(line.as_bytes()), quoted(&first)).certain(
                    "half a line of one who has left was put in front of another line",
                ),
            ),
        }
    });
    heard.map_err(|failure| {
        if failure.certain {
            return failure.read("Lines in pieces");
        }
        let cause = "a client that has gone ended more than itself";
        failure.certain(cause).read("Step 5: limits")
    })
}

/// The server is stopped meanwhile, so that it finds all of it at once: two clients that
/// have been reset, one before the speaker and one after, and the line.
fn just_gone(stage: &mut Stage) -> Result<(), Failure> {
    stage.starts_server()?; // nobody else is to be taken out of a list
    let (line, again) = (stage.word() + "\n", stage.word() + "\n");
    let before = comes_in(stage)?;
    let (mut talks, mut listens) = (comes_in(stage)?, comes_in(stage)?);
    let after = comes_in(stage)?;
    let mut last = comes_in(stage)?; // who comes behind two that are taken out of a list
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
        .and_then(|()| listens.hears(&again))
        .and_then(|()| last.hears([&line[..], &again].concat()));
    heard.map_err(|failure| {
        let cause = "a line could not be sent to a client that had just gone: that ends this \
                     client, and nothing else";
        failure.certain(cause).read("Step 5: limits")
    })?;
    last_words(stage, talks, &mut listens)
}

/// A line and the end of who has said it lie there together when the server looks.
fn last_words(
    stage: &mut Stage,
    mut leaves: Peer,
    listens: &mut Peer,
) -> Result<(), Failure> {
    let line = stage.word() + "\n";
    stage.program()?.stops()?;
    leaves.says(&line)?;
    drop(leaves);
    stage.program()?.goes_on()?;
    listens.hears(&line).map_err(|failure| {
        let cause = "one said a line and left: what came before its end is a line, and is \
                     passed on";
        failure.certain(cause).read("Step 5: limits")
    })
}

fn sleeps(stage: &mut Stage) -> Result<(), Failure> {
    let Err(failure) = sleeps_beside_two(stage) else {
        return stage.program()?.rests();
    };
    // Those of the steps before have left: is it that?
    stage.starts_server()?;
    let circles = sleeps_beside_two(stage).is_err();
    Err(match circles {
        true => {
            let cause = "it runs in circles: a socket has room nearly always, so ask for room \
                         only while something waits";
            failure.certain(cause).hint(2)
        }
        false => failure.certain(ENDED).read("Step 5: limits"),
    })
}

fn sleeps_beside_two(stage: &mut Stage) -> Result<(), Failure> {
    let _clients = [comes_in(stage)?, comes_in(stage)?];
    stage.program()?.sleeps()
}

const ENDED: &str =
    "a client that has ended is readable for ever: take it out of the list";

/// A round takes some milliseconds. One that takes so long was held up, by the server or by
/// the machine.
const HELD_UP: Duration = Duration::from_millis(700);

/// Nobody was held up where no round took so long.
const QUICK: Duration = Duration::from_millis(80);

fn one_does_not_read(stage: &mut Stage) -> Result<(), Failure> {
    let before = longest_round(stage, |_, talks, lines| talks.says(lines))?;
    if before < QUICK {
        return Ok(());
    }
    // A busy machine does not do the same twice.
    stage.starts_server()?;
    let longest = longest_round(stage, says_to_who_does_not_sleep)?;
    if before < HELD_UP || longest < HELD_UP {
        return Ok(());
    }
    let expected = "each round of lines to come at once";
    let failure = Failure::new(expected, format!("a round that took {longest:.1?}"));
    Err(failure.certain(WAITS_FOR_IT).read("One who sleeps"))
}

const WAITS_FOR_IT: &str = "the others wait for the one who does not read, until its time is up: its \
                            socket is to be nonblocking, or to have a thread of its own";

/// Says it, and looks whether the server sleeps with a part of it unread.
fn says_to_who_does_not_sleep(
    stage: &mut Stage,
    talks: &mut Peer,
    lines: &[u8],
) -> Result<(), Failure> {
    talks.says(lines)?;
    if stage.program()?.sleeps().is_ok() && talks.is_unread() {
        let seen = "it sleeps, and a part of it lies there unread";
        let failure = Failure::new("all of a round of lines to be read", seen);
        return Err(failure.certain(WAITS_FOR_IT).read("One who sleeps"));
    }
    Ok(())
}

/// How long the others waited at most for one round of lines, which is said like this.
fn longest_round(
    stage: &mut Stage,
    says: fn(&mut Stage, &mut Peer, &[u8]) -> Result<(), Failure>,
) -> Result<Duration, Failure> {
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
        let passed = says(stage, talks, &lines).and_then(|()| listens.hears(&lines));
        passed.map_err(held_up)?;
        longest = longest.max(start.elapsed());
        said.extend(lines);
        if longest >= HELD_UP {
            return Ok(longest);
        }
    }
    rests(stage)?;
    hears_no_hole(slow, talks, &said)?;
    Ok(longest)
}

/// Now it reads: all of it, or the beginning and then the end.
fn hears_no_hole(slow: &mut Peer, talks: &mut Peer, said: &[u8]) -> Result<(), Failure> {
    slow.acknowledges_at_once();
    let Err(failure) = slow.hears(said) else {
        return Ok(());
    };
    let heard = failure.bytes.as_ref().map_or(&[][..], |(_, heard)| heard);
    let no_hole = said.starts_with(heard);
    match failure.kind {
        FailureKind::Fail if no_hole => return Ok(()), // dropped
        FailureKind::Timeout if no_hole => {
            // The rest comes when somebody speaks: it is in a queue that nobody looked at.
            let more = said.get(..heard.len() + 1).unwrap_or(said);
            let spoke = talks.says("again\n");
            if spoke.and_then(|()| slow.hears(more)).is_ok() {
                let cause = "the rest comes only when somebody speaks: a queue with \
                             something in it is to be sent when there is room, and select \
                             tells when";
                return Err(failure.certain(cause).hint(2));
            }
        }
        _ => {}
    }
    let seen = format!("{} bytes of {}, then others", heard.len(), said.len());
    let seen = if no_hole { failure.seen } else { seen };
    let cause = "there is a hole in what this client gets, or a part comes twice: write takes a \
                 part, or nothing, and just the rest is to go out next; a full queue drops its \
                 client, and no lines";
    Err(Failure::new("what was said, without holes", seen)
        .likely(cause)
        .hint(2))
}

/// More than the kernel keeps for a client that does not read, and not so much that it
/// has to be dropped.
const SOME: usize = 300_000;

fn reads_again(stage: &mut Stage) -> Result<(), Failure> {
    let (mut slow, mut talks) = (comes_in_narrowly(stage)?, comes_in(stage)?);
    let mut listens = comes_in(stage)?;
    let lines = talk(&mut talks, &mut listens)?;
    rests(stage)?;
    hears_no_hole(&mut slow, &mut talks, &lines)
}

/// Who does not read may be dropped when much has piled up. Until then it is one of them.
fn speaks_unread(stage: &mut Stage) -> Result<(), Failure> {
    let word = stage.word() + "\n";
    let (mut slow, mut talks) = (comes_in_narrowly(stage)?, comes_in(stage)?);
    let mut listens = comes_in(stage)?;
    talk(&mut talks, &mut listens)?;
    rests(stage)?; // it has dropped it, if it does
    if !slow.is_kept() {
        return Ok(());
    }
    let heard = slow.says(&word).and_then(|()| listens.hears(&word));
    heard.map_err(|failure| {
        let cause = "a client for whom something waits is not read any more: what it says \
                     reaches nobody";
        failure.certain(cause).hint(2)
    })
}

/// It sleeps, though there is something to be sent.
fn rests(stage: &mut Stage) -> Result<(), Failure> {
    stage.program()?.sleeps().map_err(|failure| {
        let cause = "it tries again and again where there is no room: ask select for it";
        failure.certain(cause).hint(2)
    })
}

/// One talks and another one listens, line by line: no two are the same. What was said.
fn talk(talks: &mut Peer, listens: &mut Peer) -> Result<Vec<u8>, Failure> {
    let mut said = Vec::new();
    listens.acknowledges_at_once();
    while said.len() < SOME {
        let lines: String = (0..10)
            .map(|line| format!("{:01000}\n", said.len() + line))
            .collect();
        let passed = talks.says(&lines).and_then(|()| listens.hears(&lines));
        passed.map_err(held_up)?;
        said.extend(lines.bytes());
    }
    Ok(said)
}

fn held_up(failure: Failure) -> Failure {
    let cause = "your server waits for room for the one who does not read, and all the \
                 others wait with it";
    match failure.kind {
        _ if failure.certain => failure,
        FailureKind::Timeout => failure.certain(cause).read("One who sleeps"),
        _ if failure.is_cut_off() => failure.certain(DROPPED).hint(2),
        _ => {
            let cause = "one client did not read, and another one has lost its connection \
                         with it, or got lines in another order";
            failure.certain(cause).hint(2)
        }
    }
}

const ROUND: usize = 64 * 1024;

const ROUNDS: usize = 96;
