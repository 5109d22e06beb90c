//! `udp-client-with-retries`: the task, and what its check does.

use std::cell::Cell;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use checker::{
    ANSWER, Datagrams, Exercise, Failure, Kind, Program, Stage, Step, quoted, said,
};

use crate::udp::{LOOK, comes};

/// The exercise, and the steps of its check.
pub const EXERCISE: Exercise = Exercise {
    name: "udp-client-with-retries",
    lesson: "08-udp",
    kind: Kind::Build,
    task: "write a client that asks again, and knows its answer when it sees it",
    section: "The client, step 4: know your answer",
    hints: [
        "Two loops, one in the other: the outer one sends, five times at most; the inner \
         one receives until the answer has come, or the time is up.",
        "connect lets only the server's datagrams through. set_read_timeout bounds one \
         recv: before each, set it to what is left of this try's time, and never to 0.",
        "In the inner loop: Ok and it equals text.to_ascii_uppercase(): return it. Any \
         other Ok: go on. WouldBlock, TimedOut or ConnectionRefused: look at the clock. After the outer loop: \
         Err(ErrorKind::TimedOut.into()).",
    ],
    steps: &[
        Step {
            says: "the text goes out as one datagram, and its answer is printed",
            play: asks,
        },
        Step {
            says: "so does a long text, and its answer",
            play: long_text,
        },
        Step {
            says: "letters that are not ASCII stay as they are in an answer",
            play: not_ascii,
        },
        Step {
            says: "what was lost is asked again",
            play: lost,
        },
        Step {
            says: "the answer to the first try is one, though it comes after the second",
            play: late_answer,
        },
        Step {
            says: "datagrams that are no answer are passed over",
            play: no_answers,
        },
        Step {
            says: "a stranger's answer counts for nothing",
            play: stranger,
        },
        Step {
            says: "datagrams that are no answer make no wait longer",
            play: flood,
        },
        Step {
            says: "after five tries in vain there is an error, and exit code 1",
            play: in_vain,
        },
        Step {
            says: "where nobody has the port, it waits and asks all the same",
            play: refused,
        },
    ],
};

/// A wait so long that the checker's answer comes before its end.
const LONG: Duration = Duration::from_millis(1000);

/// A wait whose end the checker waits for. The answer comes after it.
const SHORT: Duration = Duration::from_millis(70);

fn asks(stage: &mut Stage) -> Result<(), Failure> {
    let server = stage.datagrams()?;
    let text = format!("{} {}", stage.word(), stage.word());
    let client = asked(stage, &server, &text, LONG)?;
    server.says(text.to_ascii_uppercase(), client)?;
    prints(stage, &text).map_err(|failure| {
        failure.likely("the answer alone is to be printed, and a line end")
    })
}

/// Almost as much as a datagram can hold.
const LARGE: usize = 60_000;

fn long_text(stage: &mut Stage) -> Result<(), Failure> {
    let server = stage.datagrams()?;
    let text = (stage.word() + " ").repeat(LARGE / 13);
    let client = asked(stage, &server, &text, LONG)?;
    server.says(text.to_ascii_uppercase(), client)?;
    prints(stage, &text).map_err(|failure| {
        failure.certain(
            "an answer is as long as the text: what does not fit into the buffer is lost",
        )
    })
}

fn late_answer(stage: &mut Stage) -> Result<(), Failure> {
    patiently(stage, |stage, wait| {
        let server = stage.datagrams()?;
        let text = stage.word();
        let first = asked(stage, &server, &text, wait)?;
        let second = asked_again(stage, &server, &text, || Ok(()))?;
        server.says(text.to_ascii_uppercase(), first)?;
        prints(stage, &text).map_err(|failure| {
            failure.certain(if first == second {
                "the answer came after the second try, and was not taken for one"
            } else {
                "the answer went to the socket of the first try, and nobody hears that one \
                 any more: one socket is for all tries"
            })
        })
    })
}

fn not_ascii(stage: &mut Stage) -> Result<(), Failure> {
    let server = stage.datagrams()?;
    let text = format!("{}é {}ß", stage.word(), stage.word());
    let client = asked(stage, &server, &text, LONG)?;
    server.says(text.to_ascii_uppercase(), client)?;
    prints(stage, &text).map_err(|failure| {
        let cause =
            "it waits for other letters: only the ASCII letters change in an answer";
        failure.likely(cause)
    })
}

fn no_answers(stage: &mut Stage) -> Result<(), Failure> {
    let server = stage.datagrams()?;
    let (text, other) = (stage.word(), stage.word() + "x");
    let client = asked(stage, &server, &text, LONG)?;
    let upper = text.to_ascii_uppercase();
    let late = other.to_ascii_uppercase();
    for wrong in [&late, "", &text, &format!("{upper}\n"), &upper[1..], &late] {
        server.says(wrong, client)?;
    }
    server.says(&upper, client)?;
    let printed = prints(stage, &text);
    let believed = !stage.program()?.output().is_empty();
    printed.map_err(|failure| {
        let cause = if believed {
            "what the server sent was believed unseen: compare it with the answer"
        } else {
            "a datagram that is no answer has used up a try, or ended all: wait on"
        };
        failure.likely(cause).hint(2)
    })
}

fn lost(stage: &mut Stage) -> Result<(), Failure> {
    patiently(stage, |stage, wait| {
        let server = stage.datagrams()?;
        let text = stage.word();
        asked(stage, &server, &text, wait)?; // and no answer
        let client =
            asked_again(stage, &server, &text, || Ok(())).map_err(|failure| {
                failure
                    .likely("it waits without end: bound its recv with set_read_timeout")
            })?;
        server.says(text.to_ascii_uppercase(), client)?;
        prints(stage, &text)
    })
}

fn stranger(stage: &mut Stage) -> Result<(), Failure> {
    patiently(stage, |stage, wait| {
        let (server, stranger) = (stage.datagrams()?, stage.datagrams()?);
        let text = stage.word();
        let client = asked(stage, &server, &text, wait)?;
        stranger.says(text.to_ascii_uppercase(), client)?;
        let again = asked_again(stage, &server, &text, || Ok(()));
        let client = again.map_err(|failure| {
            let cause =
                "a stranger was believed: an answer comes from the server's address";
            failure.certain(cause).read("The client, step 5: connect")
        })?;
        server.says(text.to_ascii_uppercase(), client)?;
        prints(stage, &text)
    })
}

fn flood(stage: &mut Stage) -> Result<(), Failure> {
    let held_up = Cell::new(false);
    let play = |stage: &mut Stage, wait| {
        let server = stage.datagrams()?;
        let (text, other) = (stage.word(), stage.word() + "x");
        let client = asked(stage, &server, &text, wait)?;
        let last = Cell::new(Instant::now());
        let again = asked_again(stage, &server, &text, || {
            thread::sleep(Duration::from_millis(2)); // the rhythm of the wrong answers
            let gap = last.replace(Instant::now()).elapsed();
            held_up.set(held_up.get() || gap > wait / 2);
            server.says(other.to_ascii_uppercase(), client)
        });
        let client = again.map_err(|failure| {
            let cause =
                "each datagram began a new wait: the time counts from the sending";
            failure.certain(cause)
        })?;
        server.says(text.to_ascii_uppercase(), client)?;
        prints(stage, &text)
    };
    patiently(stage, play)?;
    // Where the machine held up the wrong answers, a wait could end between two of them.
    if held_up.get() {
        return play(stage, LONG);
    }
    Ok(())
}

fn in_vain(stage: &mut Stage) -> Result<(), Failure> {
    // On a busy machine a program takes longer to start than five short waits.
    if !all_in_vain(stage, Duration::from_millis(25))? {
        all_in_vain(stage, Duration::from_millis(100))?;
    }
    Ok(())
}

fn refused(stage: &mut Stage) -> Result<(), Failure> {
    let server = stage.datagrams()?.address(); // and its socket is closed
    let (text, wait) = (stage.word(), Duration::from_millis(40));
    stage.starts([server.to_string(), text, wait.as_millis().to_string()])?;
    let program = stage.program()?;
    let status = program.wait(ANSWER)?;
    let age = program.age();
    if status.code() != Some(1) {
        let want = "the end with exit code 1";
        let cause = "without an answer the program has failed: its exit code is to be 1";
        return Err(Failure::new(want, said(status)).certain(cause).hint(2));
    }
    if age < wait * 4 {
        let want = format!("five waits of {wait:?}, and then the end");
        let cause = "`connection refused` ended a wait, or all: nobody is there yet, and \
                     the time is not up";
        return Err(Failure::new(want, format!("the end after {age:.0?}")).certain(cause));
    }
    Ok(())
}

/// False: whether it has waited is not certain.
fn all_in_vain(stage: &mut Stage, wait: Duration) -> Result<bool, Failure> {
    let server = stage.datagrams()?;
    let text = stage.word();
    asked(stage, &server, &text, wait)?;
    let first = Instant::now(); // or earlier
    let want = "the text five times, and then the end with exit code 1";
    let times = "the text is to be sent five times in all, and then no more";
    let mut count = 1;
    let end = stage.within(ANSWER);
    while count <= 5 && Instant::now() < end {
        let ended = stage.program()?.ended().is_some();
        match server.hears_any(LOOK) {
            Some(_) => count += 1,
            None if ended => break,
            None => {}
        }
    }
    if count > 5 {
        return Err(Failure::new(want, "the text a sixth time").likely(times));
    }
    let program = stage.program()?;
    let status = program.wait(ANSWER)?;
    let (age, since) = (program.age(), first.elapsed());
    if status.code() != Some(1) {
        let failure = Failure::new(want, format!("the end with {}", said(status)));
        let cause = "without an answer the program has failed: its exit code is to be 1";
        return Err(failure.certain(cause).hint(2));
    }
    if count < 5 {
        let seen = format!("the text {count} times, then the end");
        return Err(Failure::new(want, seen).likely(times));
    }
    // A timeout may end a tick of the kernel's clock too early.
    if age < wait * 4 {
        let seen = format!("all of that after {age:.0?}, with waits of {wait:?}");
        return Err(Failure::new(want, seen)
            .likely("after each sending it is to wait before it sends again"));
    }
    if since < wait * 4 {
        return Ok(false);
    }
    let (output, complaints) = words(program);
    if !output.is_empty() {
        let seen = quoted(&output);
        return Err(Failure::new("nothing on standard output", seen).likely(
            "standard output is for the answer: an error goes to standard error",
        ));
    }
    if complaints.is_empty() {
        let seen = "nothing on standard error";
        return Err(Failure::new("an error on standard error", seen)
            .likely("whoever runs it is to learn why there is no answer"));
    }
    Ok(true)
}

/// Plays with a short wait; with a long one again when the program has given up: then
/// the machine may have been so busy that five short ones were over before the checker's
/// answer.
fn patiently(
    stage: &mut Stage,
    play: impl Fn(&mut Stage, Duration) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let played = play(stage, SHORT);
    let gave_up = stage.program()?.ended().and_then(|status| status.code()) == Some(1);
    if played.is_err() && gave_up {
        return play(stage, LONG);
    }
    played
}

/// Starts the client, and waits for its first datagram. Where that came from.
fn asked(
    stage: &mut Stage,
    server: &Datagrams,
    text: &str,
    wait: Duration,
) -> Result<SocketAddr, Failure> {
    let address = server.address().to_string();
    stage.starts([address, text.into(), wait.as_millis().to_string()])?;
    let want = format!("the datagram {}", quoted(text.as_bytes()));
    let (came, from) = comes(stage, server, &want)
        .map_err(|failure| failure.likely("nothing was sent to the first argument"))?;
    if came == text.as_bytes() {
        return Ok(from);
    }
    let failure = Failure::new(want, quoted(&came))
        .likely("the datagram is to hold the text, all of it, and nothing else");
    Err(Failure {
        bytes: Some((text.into(), came)),
        ..failure
    })
}

/// Waits for the text once more, does something between two looks, and returns from where
/// the text came.
fn asked_again(
    stage: &mut Stage,
    server: &Datagrams,
    text: &str,
    mut meanwhile: impl FnMut() -> Result<(), Failure>,
) -> Result<SocketAddr, Failure> {
    let want = format!("the datagram {} again", quoted(text.as_bytes()));
    let end = stage.within(ANSWER);
    while Instant::now() < end {
        meanwhile()?;
        let ended = stage.program()?.ended();
        if let Some((came, from)) = server.hears_any(Duration::from_millis(3)) {
            if came == text.as_bytes() {
                return Ok(from);
            }
            return Err(Failure::new(want, quoted(&came))
                .likely("each try sends the same datagram"));
        }
        if let Some(status) = ended {
            let cause = if status.success() {
                "it has not waited for the answer: nobody had given one"
            } else {
                "one try is not enough: what was lost is to be sent again"
            };
            let seen = format!("the program ended with {}", said(status));
            return Err(Failure::new(want, seen).likely(cause));
        }
    }
    let seen = format!("no datagram for {ANSWER:?}");
    Err(Failure::timeout(want, seen))
}

/// Expects the answer as a line, then the end with exit code 0.
fn prints(stage: &mut Stage, text: &str) -> Result<(), Failure> {
    let line = text.to_ascii_uppercase() + "\n";
    let program = stage.program()?;
    let want = format!("the line {} on standard output", quoted(line.as_bytes()));
    let whole = |all: &[u8]| all.ends_with(b"\n").then(|| all.to_vec());
    program.prints(&want, whole)?;
    program.ends_well()?;
    let (output, _) = words(program);
    if output == line.as_bytes() {
        return Ok(());
    }
    let failure = Failure::new(want, quoted(&output));
    Err(Failure {
        bytes: Some((line.into_bytes(), output)),
        ..failure
    })
}

/// All that a program that has ended printed on both its outputs.
fn words(program: &mut Program) -> (Vec<u8>, String) {
    // This look finds nothing, and so goes on to the end of the output.
    program.prints("the end", |_| None::<()>).ok();
    let end = Instant::now() + ANSWER;
    while program.ended().is_some_and(|status| !status.success())
        && program.complaints().is_empty()
        && Instant::now() < end
    {
        thread::sleep(Duration::from_millis(1)); // what it wrote is still on its way
    }
    (program.output(), program.complaints())
}
