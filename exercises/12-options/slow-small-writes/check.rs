//! `slow-small-writes`: the task, and what its check does.

use std::ops::RangeInclusive;
use std::thread;
use std::time::{Duration, Instant};

use checker::{Exercise, Failure, FailureKind, Kind, Peer, Stage, Step};

/// The exercise, and the steps of its check.
pub const EXERCISE: Exercise = Exercise {
    name: "slow-small-writes",
    lesson: "12-options",
    kind: Kind::Repair,
    task: "repair a server that does nothing for 40 milliseconds before each answer",
    section: "Nagle, and the 40 milliseconds",
    hints: [
        "How many system calls send an answer? `strace -f -e trace=write,sendto` shows \
         them. Then look into the chapter, for what happens to the second one.",
        "Nagle's algorithm: while a small packet is not acknowledged, the next small one \
         waits. The peer delays its ACK, because it has nothing to say before it has the \
         whole answer.",
        "Put the length and the body into one Vec, and call write_all once. Or switch \
         the algorithm off, for each client: `client.set_nodelay(true)?`.",
    ],
    steps: &[
        Step {
            says: "the program listens on the address that it is given",
            play: slow_listens,
        },
        Step {
            says: "an answer is the length, and the question in capital letters",
            play: slow_answer,
        },
        Step {
            says: "questions that come together, or in pieces, are answered one by one",
            play: slow_together,
        },
        Step {
            says: "an answer comes at once, though the client acknowledges late",
            play: slow_at_once,
        },
        Step {
            says: "so it is for each of many clients",
            play: slow_each,
        },
        Step {
            says: "the answer to a long question is whole",
            play: slow_long,
        },
        Step {
            says: "so it is for a question of up to 4,000 bytes",
            play: slow_lengths,
        },
        Step {
            says: "bytes that are no text are answered as bytes",
            play: slow_bytes,
        },
        Step {
            says: "after the client's half-close come the last answers, then the end",
            play: slow_end,
        },
        Step {
            says: "so it is for a client that receives late: no answer gets lost",
            play: slow_reads_late,
        },
        Step {
            says: "clients that have gone before their answers end nothing",
            play: slow_gone,
        },
    ],
};

/// An answer that waits for a delayed acknowledgement takes 40 ms, and never less.
const SOON: Duration = Duration::from_millis(30);

/// How many questions are tried before an answer is called slow. One quick answer is
/// proof that it can be quick; on a busy machine many others are late.
const QUESTIONS: usize = 24;

fn slow_listens(stage: &mut Stage) -> Result<(), Failure> {
    stage.starts_server()?;
    stage.listens_there_only()
}

fn slow_answer(stage: &mut Stage) -> Result<(), Failure> {
    let (first, second) = (stage.word(), stage.word());
    let mut client = stage.client()?;
    client.says(format!("{first}\n"))?;
    client.hears(answer(&first)).map_err(|failure| {
        let cause = if failure.kind == FailureKind::Timeout {
            "an answer is not sent: what a buffer holds leaves when it is flushed"
        } else {
            "the bytes of each answer stay as they are: length, \\n, capitals"
        };
        failure.certain(cause)
    })?;
    let told = client.says(format!("{second}\n"));
    told.and_then(|()| client.hears(answer(&second)))
        .map_err(|failure| {
            failure.certain(
                "after an answer comes the next question, on the same connection: nothing \
                 but the answer is sent, and nothing is closed",
            )
        })?;
    stage.takes_its_time(&client)
}

fn slow_together(stage: &mut Stage) -> Result<(), Failure> {
    let words = [(); 3].map(|()| stage.word());
    let sizes = stage.sizes(4);
    let questions = words.clone().map(|word| format!("{word}\n")).concat();
    let answers = words.map(|word| answer(&word)).concat();
    let mut client = stage.client()?;
    let told = client.says(&questions);
    told.and_then(|()| client.hears(&answers))
        .and_then(|()| client.says_in_pieces(&questions, sizes))
        .and_then(|()| client.hears(&answers))
        .map_err(|failure| {
            let flushed = failure.kind == FailureKind::Timeout
                && client.says("\n").is_ok()
                && client.hears(&answers).is_ok();
            failure.certain(match flushed {
                true => {
                    "the answers were in a buffer until another question came: it is to be \
                     flushed when no whole question is left"
                }
                false => {
                    "several questions came in one recv: a recv is no question, each ends with \
                     its \\n, and what a reader has read ahead is lost with this reader"
                }
            })
        })?;
    // An empty one among them.
    let many = ["a", "", "bc"].repeat(100);
    let questions: String = many.iter().map(|word| format!("{word}\n")).collect();
    let answers: String = many.iter().map(|word| answer(word)).collect();
    let told = client.says(&questions);
    told.and_then(|()| client.hears(&answers)).map_err(|failure| {
        let cause = "a client asks as many questions as it likes, and each has its answer: \
                     also an empty one";
        failure.certain(cause)
    })
}

fn slow_at_once(stage: &mut Stage) -> Result<(), Failure> {
    let mut client = stage.client()?;
    is_soon(stage, &mut client, 3..=12).map_err(|failure| {
        failure.likely(
            "each answer is in two small packets, and the second waits for the late \
             acknowledgement of the first",
        )
    })?;
    answers_quickly(stage, &mut client)
}

/// A server that waits in recv needs far less, and one that looks now and then far more.
const QUICK: Duration = Duration::from_millis(5);

/// Between two questions: so a server that sleeps between two looks has begun to sleep.
const BREATH: Duration = Duration::from_millis(2);

/// Asks until three answers came quickly: on a busy machine others are late.
fn answers_quickly(stage: &mut Stage, client: &mut Peer) -> Result<(), Failure> {
    let (word, mut times) = (stage.word(), Vec::new());
    for _ in 0..2 * QUESTIONS {
        thread::sleep(BREATH);
        let start = Instant::now();
        client.says(format!("{word}\n"))?;
        client.hears(answer(&word))?;
        times.push(start.elapsed());
        if times.iter().filter(|took| **took < QUICK).count() == 3 {
            return Ok(());
        }
    }
    times.sort_unstable();
    let expected = format!("now and then an answer within {QUICK:?}");
    let seen = format!(
        "most of {} took {:.0?} and more",
        times.len(),
        times[QUESTIONS]
    );
    let cause = "no answer waits for an acknowledgement any more, but the server looks only \
                 now and then whether a question has come: a call that waits wakes at once";
    Err(Failure::new(expected, seen).certain(cause))
}

fn slow_each(stage: &mut Stage) -> Result<(), Failure> {
    let clients: Result<Vec<_>, _> = (0..12).map(|_| stage.client()).collect();
    for client in &mut clients? {
        is_soon(stage, client, 3..=12).map_err(|failure| match failure.kind {
            FailureKind::Timeout => failure.certain(
                "one more client is connected, and not served beside those who are there: it \
                 served many at the same time before",
            ),
            _ => failure
                .certain(
                    "the options of one client are not those of the next: set each one's",
                )
                .hint(2),
        })?;
    }
    Ok(())
}

fn slow_lengths(stage: &mut Stage) -> Result<(), Failure> {
    // Each length for itself: a quick answer to a shorter one proves nothing.
    for length in [100, 500, 1_500, 4_000] {
        let mut client = stage.client()?;
        is_soon(stage, &mut client, length..=length).map_err(|failure| {
            failure.likely(
                "the answer to a question of this length is still sent in two parts: each \
                 answer is to leave in one",
            )
        })?;
    }
    Ok(())
}

/// Clients are gone when the server comes to look at them: one in the queue of accept, one
/// with a question.
fn slow_gone(stage: &mut Stage) -> Result<(), Failure> {
    let (word, other) = (stage.word(), stage.word());
    let mut asks = stage.client()?;
    asks.says(format!("{word}\n"))?;
    asks.hears(answer(&word))?;
    stage.program()?.stops()?;
    asks.says(format!("{word}\n{word}\n"))?;
    asks.half_closes();
    asks.resets();
    stage.client()?.resets();
    stage.program()?.goes_on()?;
    stage.program()?.sleeps().ok(); // it has seen that they are gone
    let served = stage.client().and_then(|mut client| {
        client.says(format!("{other}\n"))?;
        client.hears(answer(&other))
    });
    served.map_err(|failure| {
        let of_another = failure.kind == FailureKind::Fail
            && failure.bytes.is_some()
            && !failure.is_cut_off();
        failure.certain(match of_another {
            true => "an answer that its client did not take any more was sent to another client",
            false => "a client that has gone has ended the server for all",
        })
    })
}

fn slow_long(stage: &mut Stage) -> Result<(), Failure> {
    let length = stage.chance.usize(20_000..60_000);
    let long: String = (0..length).map(|_| stage.chance.lowercase()).collect();
    let mut client = stage.client()?;
    client.says(format!("{long}\n"))?;
    client.hears(answer(&long)).map_err(|failure| {
        let refused = failure.is_cut_off() && failure.has_nothing();
        failure.certain(match refused {
            true => {
                "the question was refused as too long: the server took longer ones before, so \
                 leave its limit as it was"
            }
            false => "a part of a long answer was not sent",
        })
    })
}

fn slow_bytes(stage: &mut Stage) -> Result<(), Failure> {
    // A letter of two bytes that has a capital, but not among the capitals of ASCII.
    let text = format!(" \t{}é \t ", stage.word()).into_bytes();
    // é in Latin-1, and what is no letter anywhere.
    let no_text = [&text[..], &[0, 0xe9, 0xff, 0xc3, b'\r']].concat();
    let mut client = stage.client()?;
    for question in [no_text, text] {
        let length = format!("{}\n", question.len());
        client.says([&question[..], b"\n"].concat())?;
        let expected = [length.as_bytes(), &question.to_ascii_uppercase()].concat();
        client.hears(expected).map_err(|failure| {
            failure.certain(
                "a question is bytes, and need be no text: count them, and put bytes \
                 together; a blank, a \\r or a 0 is one of them, wherever it stands, and only \
                 a to z have capitals",
            )
        })?;
    }
    Ok(())
}

fn slow_end(stage: &mut Stage) -> Result<(), Failure> {
    let words = [stage.word(), stage.word()];
    let mut client = stage.client()?;
    client.says(words.clone().map(|word| format!("{word}\n")).concat())?;
    client.half_closes();
    client.hears(words.map(|word| answer(&word)).concat())?;
    client.hears_the_end()
}

/// More than the kernel keeps for a client that does not receive.
const MUCH: usize = 240_000;

/// The client asks as much as it can, and receives nothing. Then it has no more questions, and
/// receives all.
fn slow_reads_late(stage: &mut Stage) -> Result<(), Failure> {
    let words: Vec<_> = (0..MUCH / LONG)
        .map(|_| stage.long_word(LONG - 1))
        .collect();
    let questions: String = words.iter().map(|word| format!("{word}\n")).collect();
    let mut client = stage.narrow_client()?;
    let asked = stage.fills(&mut client, questions.as_bytes())?;
    // A server that waits for room takes no more questions: the last one has only begun.
    let (whole, begun) = (asked / LONG, asked.next_multiple_of(LONG));
    let answers =
        |words: &[String]| words.iter().map(|word| answer(word)).collect::<String>();
    let (first, last) = words[..begun / LONG].split_at(whole);
    if last.is_empty() {
        client.half_closes();
        stage.program()?.sleeps().ok(); // it has seen that
    }
    client.acknowledges_at_once();
    let heard = client.hears_many(answers(first).as_bytes());
    heard
        .and_then(|()| match last.is_empty() {
            true => Ok(()),
            false => {
                client.says(&questions[asked..begun])?;
                client.half_closes();
                client.hears(answers(last))
            }
        })
        .and_then(|()| client.hears_the_end())
        .map_err(|failure| {
            let cause = match failure.is_cut_off() {
                true => {
                    "what write does not take is to be sent later, and a client that has asked \
                     its last question is closed when all of its answers are sent"
                }
                false => {
                    "where there is little room, write takes a part of the bytes: the others \
                     are lost if they are not sent next"
                }
            };
            failure.certain(cause)
        })
}

/// How long is a long question with its \n, for which each answer is to come at once.
const LONG: usize = 4_000;

/// Asks questions of these lengths until two answers came soon.
fn is_soon(
    stage: &mut Stage,
    client: &mut Peer,
    lengths: RangeInclusive<usize>,
) -> Result<(), Failure> {
    let (mut soon, mut quickest) = (0, Duration::MAX);
    for number in 0..QUESTIONS {
        let length = stage.chance.usize(lengths.clone());
        let word: String = (0..length).map(|_| stage.chance.lowercase()).collect();
        client.acknowledges_late();
        let start = Instant::now();
        client.says(format!("{word}\n"))?;
        client.hears(answer(&word))?;
        let took = start.elapsed();
        if number < 2 {
            continue; // at a connection's start the kernel acknowledges at once
        }
        quickest = quickest.min(took);
        soon += usize::from(took < SOON);
        if soon == 2 {
            return Ok(());
        }
    }
    let expected = format!("now and then an answer within {SOON:?}");
    let seen = format!("{QUESTIONS} answers, the quickest after {quickest:.0?}");
    let failure = Failure::new(expected, seen);
    // A cork holds back for 200 ms what fills no packet.
    Err(if quickest > Duration::from_millis(150) {
        failure.likely("the kernel holds back what fills no packet: take the cork out")
    } else {
        failure
    })
}

/// The answer to a question.
fn answer(question: &str) -> String {
    format!("{}\n{}", question.len(), question.to_uppercase())
}
