//! `udp-client-with-retries`: the task, and what its check does.

use std::cell::Cell;
use std::net::SocketAddr;
use std::ops::Range;
use std::thread;
use std::time::{Duration, Instant};

use checker::{
    ANSWER, Datagrams, Exercise, Failure, FailureKind, Kind, Program, Stage, Step,
    quoted, said,
};

use crate::udp::comes;

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
         other Ok: go on. WouldBlock, TimedOut or ConnectionRefused: look at the clock. \
         After the outer loop: Err(ErrorKind::TimedOut.into()).",
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
            says: "so does an empty text, and its empty answer",
            play: empty_text,
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
            says: "the answer to the first try is one, though it comes after the fifth",
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
            says: "after five waits in vain there is an error, and exit code 1",
            play: in_vain,
        },
        Step {
            says: "a server that is there a moment later is asked, and answers",
            play: there_later,
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
const SHORT: Duration = Duration::from_millis(40);

fn asks(stage: &mut Stage) -> Result<(), Failure> {
    // On a busy machine an answer may look late, but not again in a wait that is longer.
    if asks_once(stage, LONG)? || asks_once(stage, LONG * 3)? {
        return Ok(());
    }
    let want = "the answer on standard output as soon as it has come";
    Err(
        Failure::new(want, "it came there only when the wait was over")
            .certain("the answer ends the wait: print it, and end"),
    )
}

/// False: the answer was printed late.
fn asks_once(stage: &mut Stage, wait: Duration) -> Result<bool, Failure> {
    let server = stage.datagrams()?;
    let text = format!(" {} {} ", stage.word(), stage.word());
    let client = asked(stage, &server, &text, wait)?;
    let answered = Instant::now();
    server.says(text.to_ascii_uppercase(), client)?;
    prints(stage, &text).map_err(|failure| {
        failure.likely("the answer alone is to be printed, and a line end")
    })?;
    let late = answered.elapsed() > wait / 2;
    // Its second try was not due before its end.
    if stage.program()?.age() < wait
        && let Some((again, _)) = server.hears_any(Duration::from_millis(1))
    {
        let want = "one datagram, as its answer came in time";
        let seen = format!("another one, {}", quoted(&again));
        return Err(Failure::new(want, seen)
            .certain("the text is sent again only when a wait was in vain"));
    }
    Ok(!late)
}

/// The longest text that the task allows.
const LARGE: usize = 60_000;

fn long_text(stage: &mut Stage) -> Result<(), Failure> {
    let server = stage.datagrams()?;
    let mut text = (stage.word() + " ").repeat(LARGE / 4);
    text.truncate(LARGE);
    let sent = asked(stage, &server, &text, LONG);
    let client = sent.map_err(|failure| match failure.bytes {
        Some(_) => failure, // something was sent
        None => failure.probably(
            "nothing was sent, and a short text was: this one is not too long, and goes \
             out as one datagram",
        ),
    })?;
    server.says(text.to_ascii_uppercase(), client)?;
    prints(stage, &text).map_err(|failure| {
        failure.certain(
            "an answer is as long as the text: what does not fit into the buffer is lost",
        )
    })
}

fn empty_text(stage: &mut Stage) -> Result<(), Failure> {
    let server = stage.datagrams()?;
    let cause = "an empty text is a text: its datagram has no byte, and its answer has \
                 none";
    let client =
        asked(stage, &server, "", LONG).map_err(|failure| failure.certain(cause))?;
    server.says("", client)?;
    prints(stage, "").map_err(|failure| failure.certain(cause))
}

fn late_answer(stage: &mut Stage) -> Result<(), Failure> {
    patiently(stage, |stage, wait| {
        let server = stage.datagrams()?;
        let text = stage.word();
        let first = asked(stage, &server, &text, wait)?;
        let mut last = asked_again(stage, &server, &text, || Ok(()))?;
        for _ in 3..=TRIES {
            last = asked_again(stage, &server, &text, || Ok(()))
                .map_err(|failure| failure.probably(FIVE))?;
        }
        server.says(text.to_ascii_uppercase(), first)?;
        prints(stage, &text).map_err(|failure| {
            failure.certain(if first == last {
                "the answer came in the fifth wait, and was not taken: after the fifth \
                 sending it listens as long as after the others"
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
    patiently(stage, |stage, wait| {
        let server = stage.datagrams()?;
        let (text, other) = (stage.word(), stage.word() + "x");
        let client = asked(stage, &server, &text, wait)?;
        let upper = text.to_ascii_uppercase();
        for wrong in not_the_answer(&upper, &other.to_ascii_uppercase()) {
            server.says(wrong, client)?;
        }
        // Nothing of that was the answer: so it asks again.
        let again = asked_again(stage, &server, &text, || Ok(()));
        let printed = again.and_then(|client| {
            server.says(&upper, client)?;
            prints(stage, &text)
        });
        let program = stage.program()?;
        let output = match program.ended() {
            Some(_) => words(program).0, // all of it, though some is still on its way
            None => program.output(),
        };
        let believed = !output.is_empty();
        printed.map_err(|failure| {
            let cause = if believed {
                "a datagram was believed that is not the answer: compare all of it with TEXT \
                 in upper case, byte by byte, and have room for one byte more"
            } else {
                "a datagram that is no answer has used up a try, or ended all: wait on"
            };
            match believed {
                true => failure.certain(cause).hint(2),
                false => failure.probably(cause).hint(2),
            }
        })
    })
}

/// Datagrams that are almost the answer, and some that are far from it.
fn not_the_answer(upper: &str, other: &str) -> Vec<Vec<u8>> {
    let mut same_length = upper.as_bytes().to_vec();
    same_length[0] ^= 1;
    let mut all: Vec<Vec<u8>> = [
        other,
        "",
        &upper.to_ascii_lowercase(),
        &format!("{upper}\n"),
        &format!("{upper}{other}"),
        &upper[1..],
        &upper[..upper.len() - 1],
    ]
    .map(|wrong| wrong.as_bytes().to_vec())
    .into();
    all.extend([same_length, b"\xe9\xff\0".to_vec()]);
    all
}

fn lost(stage: &mut Stage) -> Result<(), Failure> {
    patiently(stage, |stage, wait| {
        let server = stage.datagrams()?;
        let text = stage.word();
        asked(stage, &server, &text, wait)?; // and no answer
        let client =
            asked_again(stage, &server, &text, || Ok(())).map_err(|failure| {
                failure.likely(
                    "a wait without an answer has no end (bound its recv with \
                     set_read_timeout), or the text is not sent again after it",
                )
            })?;
        server.says(text.to_ascii_uppercase(), client)?;
        prints(stage, &text)
    })
}

fn stranger(stage: &mut Stage) -> Result<(), Failure> {
    patiently(stage, |stage, wait| {
        let server = stage.datagrams()?;
        let text = stage.word();
        let client = asked(stage, &server, &text, wait)?;
        for stranger in strangers(stage, server.address())? {
            stranger.says(text.to_ascii_uppercase(), client)?;
        }
        let again = asked_again(stage, &server, &text, || Ok(()));
        let client = again.map_err(|failure| {
            let cause = "a stranger was believed: an answer comes from the server's \
                         address, which is its IP address and its port";
            failure.certain(cause).read("The client, step 5: connect")
        })?;
        server.says(text.to_ascii_uppercase(), client)?;
        prints(stage, &text)
    })
}

/// One has the server's IP address and another port; on Linux, one has its port and
/// another IP address.
fn strangers(stage: &mut Stage, server: SocketAddr) -> Result<Vec<Datagrams>, Failure> {
    let mut all = vec![stage.datagrams()?];
    if cfg!(target_os = "linux") {
        all.push(stage.datagrams_at(([127, 0, 0, 2], server.port()).into())?);
    }
    Ok(all)
}

fn flood(stage: &mut Stage) -> Result<(), Failure> {
    let held_up = Cell::new(false);
    let play = |stage: &mut Stage, wait| {
        let server = stage.datagrams()?;
        let (text, other) = (stage.word(), stage.word() + "x");
        let client = asked(stage, &server, &text, wait)?;
        for _ in 0..30 {
            server.says(other.to_ascii_uppercase(), client)?;
        }
        let last = Cell::new(Instant::now());
        let again = asked_again(stage, &server, &text, || {
            thread::sleep(Duration::from_millis(2)); // the rhythm of the wrong answers
            let gap = last.replace(Instant::now()).elapsed();
            held_up.set(held_up.get() || gap > wait / 2);
            server.says(other.to_ascii_uppercase(), client)
        });
        let client = again.map_err(|failure| {
            let cause = match failure.kind {
                FailureKind::Timeout => {
                    "each datagram began a new wait: the time counts from the sending"
                }
                _ => {
                    "many datagrams that are no answer have ended it: pass over them \
                      all"
                }
            };
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

/// How often the text is sent.
const TRIES: usize = 5;

const FIVE: &str = "the text is to be sent five times in all, and then no more";

fn in_vain(stage: &mut Stage) -> Result<(), Failure> {
    let right = |seen: &Seen| matches!(seen, Seen::Right);
    if all_in_vain(stage, Duration::from_millis(30))?
        .iter()
        .all(right)
    {
        return Ok(());
    }
    // On a busy machine a moment may look longer or shorter than it was. But each wait of a
    // right program looks right now and then, when it is long enough.
    let mut waits = [const { Seen::Nothing }; TRIES];
    for wait in [150, 400, 400].map(Duration::from_millis) {
        for (all, one) in waits.iter_mut().zip(all_in_vain(stage, wait)?) {
            if !right(all) && !matches!(one, Seen::Nothing) {
                *all = one;
            }
        }
        if waits.iter().all(right) {
            break;
        }
    }
    // First those that nothing has disturbed: a wait that is too long in any case is.
    waits.rotate_left(DISTURBED.end);
    let mut wrong = waits.into_iter().filter_map(|seen| match seen {
        Seen::Wrong(failure) => Some(failure),
        Seen::Right | Seen::Nothing => None,
    });
    wrong.next().map_or(Ok(()), Err)
}

/// The second wait and the third: in them something comes late that is no answer.
const DISTURBED: Range<usize> = 1..3;

/// What is known of the length of a wait.
enum Seen {
    Right,
    Wrong(Failure),
    /// It looked right, but what was to disturb it came too late.
    Nothing,
}

fn refused(stage: &mut Stage) -> Result<(), Failure> {
    let server = stage.datagrams()?.address(); // and its socket is closed
    let (text, wait) = (stage.word(), Duration::from_millis(20));
    let before = checker::sockets::refused_datagrams();
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
    let after = checker::sockets::refused_datagrams();
    let sent = before.zip(after).map(|(before, after)| after - before);
    match sent {
        Some(more) if more > TRIES as u64 => {
            let cause = "`connection refused` is no reason to send once more: what was \
                         refused is a try, and its wait goes on";
            let seen = format!("{more} datagrams to the port that nobody has");
            Err(Failure::new("the text five times", seen).certain(cause))
        }
        _ => Ok(()),
    }
}

/// Between two looks whether the program has ended, where the moment matters.
const GLANCE: Duration = Duration::from_millis(3);

/// Gives no answer, and says what is known of each of the waits.
fn all_in_vain(stage: &mut Stage, wait: Duration) -> Result<[Seen; TRIES], Failure> {
    let server = stage.datagrams()?;
    let (stranger, text) = (stage.datagrams()?, stage.word());
    let (upper, other) = (text.to_ascii_uppercase(), stage.word() + "x");
    let client = asked(stage, &server, &text, wait)?;
    let (mut times, mut over) = (vec![Instant::now()], None);
    let mut strays = [None; TRIES];
    let end = stage.within(ANSWER);
    while times.len() <= TRIES && Instant::now() < end {
        if stage.program()?.ended().is_some() {
            over.get_or_insert_with(Instant::now);
        }
        match server.hears_now() {
            Some(_) => times.push(Instant::now()),
            None if over.is_some() => break,
            None => thread::sleep(Duration::from_millis(1)), // between two looks
        }
        let number = times.len() - 1;
        let late = times[number].elapsed() > wait * 3 / 4;
        if late && DISTURBED.contains(&number) && strays[number].is_none() {
            match number {
                1 => server.says(&other, client)?,
                _ => stranger.says(&upper, client)?,
            }
            strays[number] = Some(Instant::now());
        }
    }
    all_sent(stage.program()?, times.len())?;
    times.push(over.unwrap_or_else(Instant::now));
    let mut number = 0;
    Ok(strays.map(|stray| {
        number += 1;
        length(number, times[number - 1], stray, times[number], wait)
    }))
}

/// Expects that the text has come just five times, and that all has ended with an error.
fn all_sent(program: &mut Program, times: usize) -> Result<(), Failure> {
    let want = "the text five times, and then the end with exit code 1";
    if times > TRIES {
        return Err(Failure::new(want, "the text a sixth time").likely(FIVE));
    }
    let status = program.wait(ANSWER).map_err(|failure| {
        failure.likely(
            "five waits as long as the third argument says are over long since: each is as \
             long as the others, and after the fifth comes the end",
        )
    })?;
    if status.code() != Some(1) {
        let failure = Failure::new(want, format!("the end with {}", said(status)));
        let cause = "without an answer the program has failed: its exit code is to be 1";
        return Err(failure.certain(cause).hint(2));
    }
    if times < TRIES {
        let seen = format!("the text {times} times, then the end");
        return Err(Failure::new(want, seen).likely(FIVE));
    }
    complains(program)
}

/// Without an answer, only standard error has something.
fn complains(program: &mut Program) -> Result<(), Failure> {
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
    Ok(())
}

/// Whether a wait had the length that it was to have: from the sending with this number to
/// the next, or to the end; in between there was a datagram that is no answer, or none.
fn length(
    number: usize,
    sent: Instant,
    stray: Option<Instant>,
    next: Instant,
    wait: Duration,
) -> Seen {
    let gap = next - sent;
    let at_once = stray.is_some_and(|stray| next.duration_since(stray) < wait / 16);
    // A timeout may end a tick of the kernel's clock too early.
    if gap >= wait * 7 / 8 && gap <= wait * 3 / 2 {
        // One that came so late has come in the next wait, maybe.
        let missing = stray.is_none() && DISTURBED.contains(&(number - 1));
        return match at_once || missing {
            true => Seen::Nothing,
            false => Seen::Right,
        };
    }
    let cause = match (stray, gap > wait) {
        (Some(_), true) => {
            "a datagram that is no answer came in this wait, and made it longer: before each \
             recv set its timeout to what is left of this try's time"
        }
        (Some(_), false) if at_once => {
            "a datagram that is no answer came in this wait, and ended it"
        }
        (_, true) => "each wait is as long as the third argument says, no longer",
        (_, false) if number == TRIES => {
            "after the fifth sending it waits as long as after the others"
        }
        (_, false) => {
            "after each sending it waits before it sends again, and as long as the third \
             argument says"
        }
    };
    let seen = format!("a wait of {gap:.0?} after try {number}");
    Seen::Wrong(Failure::new(format!("five waits of {wait:?}"), seen).certain(cause))
}

fn there_later(stage: &mut Stage) -> Result<(), Failure> {
    patiently(stage, |stage, wait| {
        let address = stage.datagrams()?.address(); // and its socket is closed
        let text = stage.word();
        stage.starts([
            address.to_string(),
            text.clone(),
            wait.as_millis().to_string(),
        ])?;
        stage.program()?.sleeps().ok(); // until the first try was refused
        let server = stage.datagrams_at(address)?;
        let client =
            asked_again(stage, &server, &text, || Ok(())).map_err(|failure| {
                failure
                    .certain("`connection refused` ended a wait, or all: the server was there later")
            })?;
        server.says(text.to_ascii_uppercase(), client)?;
        prints(stage, &text)
    })
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
    let came = comes(stage, server, &want);
    let status = stage.program()?.ended();
    let (came, from) = came.map_err(|failure| {
        failure.likely(match status {
            Some(status) if !status.success() => {
                "it ended with an error, and had sent nothing to the first argument"
            }
            _ => "nothing was sent to the first argument",
        })
    })?;
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
    let mut wait = stage.waits(ANSWER);
    while !wait.is_over() {
        meanwhile()?;
        let ended = stage.program()?.ended();
        if let Some((came, from)) = server.hears_any(GLANCE) {
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
    // All its waits together take as long as ours: whether it has given up is a matter of chance.
    program.prints(&want, whole).map_err(|failure| Failure {
        kind: match failure.kind {
            FailureKind::Timeout => FailureKind::Fail,
            kind => kind,
        },
        ..failure
    })?;
    program.ends_well().map_err(|failure| {
        failure.likely("it had its answer: then it ends, and its exit code is 0")
    })?;
    let (output, _) = words(program);
    if output == line.as_bytes() {
        return Ok(());
    }
    let failure = Failure::new(want, quoted(&output))
        .likely("the answer alone is to be printed, and one line end");
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
