//! `length-bomb`: the task, and what its check does.

use std::time::{Duration, Instant};

use checker::{Exercise, Failure, FailureKind, Kind, Peer, Stage, Step, quoted};

use crate::framing::{
    LIMIT, at_once, ended_by, ends_cleanly, frame, gone_before_its_answers, head,
    lost_in_the_queue, takes_no_memory,
};

/// The exercise, and the steps of its check.
pub const EXERCISE: Exercise = Exercise {
    name: "length-bomb",
    lesson: "09-framing",
    kind: Kind::Repair,
    task: "make a server survive the lengths that strangers send",
    section: "Reading one frame",
    hints: [
        "Four bytes are enough: printf '\\377\\377\\377\\377' | nc -N 127.0.0.1 7009. What \
         does read_frame do with such a length, before a byte of the message has come?",
        "A length from the wire is a claim. Compare it with what you are ready to give, \
         before you take memory for it, and before you wait for the message.",
        "Before vec![0; length]: if length > 65_536, return \
         Err(io::Error::new(ErrorKind::InvalidData, \"too long\")). serve does the rest.",
    ],
    steps: &[
        Step {
            says: "the program listens on the address that it is given",
            play: Stage::starts_server_where_told,
        },
        Step {
            says: "each frame is answered with its number of bytes",
            play: counted,
        },
        Step {
            says: "the largest message that is allowed is answered",
            play: allowed,
        },
        Step {
            says: "a length of four gigabytes gets an error, and then the end",
            play: bomb,
        },
        Step {
            says: "a message one byte too long is refused before it has come",
            play: one_more,
        },
        Step {
            says: "a browser gets an error, and then a clean end",
            play: browser,
        },
        Step {
            says: "so does a client that goes on sending after its error",
            play: goes_on_sending,
        },
        Step {
            says: "a client that was there before the bombs is still served",
            play: others,
        },
        Step {
            says: "a message that is cut off is not counted",
            play: cut_off,
        },
        Step {
            says: "a client that has gone before it is accepted ends nothing",
            play: gone_before,
        },
        Step {
            says: "nor does one that has gone before its answers",
            play: gone_early,
        },
    ],
};

fn counts(client: &mut Peer, message: &[u8]) -> Result<(), Failure> {
    client.says(frame(message))?;
    hears_the_count(client, message.len())
}

fn hears_the_count(client: &mut Peer, length: usize) -> Result<(), Failure> {
    client.hears(frame(format!("{length} bytes")))
}

fn counted(stage: &mut Stage) -> Result<(), Failure> {
    let words = [
        stage.word(),
        String::new(),
        "é".into(),
        stage.word() + "é",
        "x".into(),
    ];
    let mut client = stage.client()?;
    client.says(words.each_ref().map(frame).concat())?;
    let answers = words.map(|word| frame(format!("{} bytes", word.len())));
    client.hears(answers.concat()).map_err(|failure| {
        let heard = failure.bytes.as_ref().map(|(_, heard)| heard);
        let turned = heard.is_some_and(|heard| heard.starts_with(&[15, 0, 0, 0]));
        if turned {
            let cause = "the length was written the wrong way round: its highest byte comes \
                         first";
            return failure.certain(cause);
        }
        if failure.seen.contains("error: ") {
            let cause = "a message of few bytes, or of none, was refused: the length was \
                         misread (its highest byte comes first), or compared the wrong \
                         way round";
            return failure.certain(cause);
        }
        let ended = failure.bytes.as_ref().is_some_and(|(all, heard)| {
            !heard.is_empty() && all.starts_with(heard)
        });
        failure.certain(if ended {
            "after a frame comes the next one, also after one with an empty message: each \
             is answered"
        } else {
            "what the server did well must stay: its answers are `N bytes`"
        })
    })?;
    client.half_closes();
    client.hears_the_end()
}

fn allowed(stage: &mut Stage) -> Result<(), Failure> {
    let bytes = stage.bytes(LIMIT);
    let mut client = stage.client()?;
    counts(&mut client, &bytes).map_err(|failure| {
        failure.certain("a message of just 65,536 bytes is allowed")
    })?;
    counts(&mut client, &bytes).map_err(|failure| {
        let cause =
            "the limit is for one message, and not for all of a client's together";
        failure.certain(cause)
    })
}

fn bomb(stage: &mut Stage) -> Result<(), Failure> {
    takes_no_memory(stage, four_gigabytes)
}

fn four_gigabytes(stage: &mut Stage) -> Result<(), Failure> {
    let refused = stage.client().and_then(|mut client| {
        client.says(head(usize::MAX))?;
        is_refused(&mut client)
    });
    let cause = "a length that a stranger only claims has ended the server: look at the \
                 limit before you take memory for it";
    refused.map_err(|failure| {
        let failure = ended_by(stage, failure, cause);
        let complaints = stage.program().map(|program| program.complaints());
        if complaints.is_ok_and(|words| words.contains("capacity overflow")) {
            failure.certain("the length became a number below zero: it has no sign")
        } else {
            failure
        }
    })
}

fn one_more(stage: &mut Stage) -> Result<(), Failure> {
    let mut times = vec![Instant::now()];
    for length in [LIMIT + 1, 0x7fff_ffff, 0x9000_0000] {
        let word = stage.word();
        let refused = stage.client().and_then(|mut client| {
            // Not only the first length of a client is looked at, also where one recv gives
            // two of them.
            client.says([&frame(&word)[..], &head(length)].concat())?;
            hears_the_count(&mut client, word.len()).map_err(|failure| {
                let cause = if failure.bytes.as_ref().is_some_and(|(_, heard)| heard.is_empty())
                {
                    "after a bomb the next client is not served, or what came before its own \
                     bomb got no answer"
                } else {
                    "a whole message came before the length that is too long: it is counted, \
                     and then comes the error"
                };
                failure.certain(cause)
            })?;
            is_refused(&mut client)
        });
        let cause = "the client who sent the bomb is to go, and not the server";
        refused.map_err(|failure| ended_by(stage, failure, cause))?;
        times.push(Instant::now());
    }
    at_once(&times, "the error and the end of the stream").map_err(|failure| {
        let cause = "it waits for its client, or sleeps, before the error or the end goes out: \
                     write, shutdown(Write), and only then read the rest";
        failure.certain(cause).read("Hanging up politely")
    })
}

fn browser(stage: &mut Stage) -> Result<(), Failure> {
    let path = stage.word();
    let mut client = stage.client()?;
    client.says(format!("GET /{path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"))?;
    client.half_closes();
    is_refused(&mut client).map_err(|failure| {
        let cause = "it closed with unread input, and so reset the connection: the error \
                     may get lost";
        failure.certain(cause).read("Hanging up politely")
    })?;
    // Without its highest bit this length would be that of what follows.
    let mut client = stage.client()?;
    client.says([&head(0x8000_0005)[..], b"hello"].concat())?;
    is_refused(&mut client).map_err(|failure| {
        failure.probably("all 32 bits of a length count, the highest one, too")
    })
}

fn goes_on_sending(stage: &mut Stage) -> Result<(), Failure> {
    let mut client = stage.client()?;
    client.says(head(LIMIT + 1))?;
    hears_the_error(&mut client)?;
    ends_cleanly(&mut client, &[3 * LIMIT / 8; 4]) // all of its message, and half as much again
}

/// Whether that gets an error or the end only is not said.
fn cut_off(stage: &mut Stage) -> Result<(), Failure> {
    let message = frame(stage.word());
    let mut client = stage.client()?;
    client.says(&message[..message.len() - 1])?;
    client.half_closes();
    let answer = client.hears_all(1000)?;
    if answer.ends_with(b" bytes") {
        let want = "an error, or the end of the stream";
        return Err(Failure::new(want, quoted(&answer))
            .certain("the message had not come as a whole: there is nothing to count"));
    }
    Ok(())
}

fn gone_early(stage: &mut Stage) -> Result<(), Failure> {
    let word = stage.word();
    let many = frame(&word).repeat(2000);
    gone_before_its_answers(stage, &many, |client| counts(client, word.as_bytes()))
}

/// The longest that five clients take whom nobody has to wait for.
const TOGETHER: Duration = Duration::from_secs(2);

fn others(stage: &mut Stage) -> Result<(), Failure> {
    let cause = "a bomb of one client has ended the service for another";
    let (first, second) = (stage.word(), stage.word());
    let mut honest = stage.client()?;
    counts(&mut honest, first.as_bytes())?;
    stage.takes_its_time(&honest).map_err(|failure| {
        let cause = "a client may be silent between its messages, as before: a short timeout is \
                     for the rest of one that was refused";
        failure.certain(cause).read("Hanging up politely")
    })?;
    let (began, mut bombs) = (Instant::now(), Vec::new());
    for _ in 0..5 {
        let mut client = stage.client()?;
        client.says(head(usize::MAX))?;
        is_refused(&mut client).map_err(|failure| match failure.kind {
            FailureKind::Timeout => failure.certain(
                "one client is connected, and the next is not served beside it: each had a \
                 thread of its own",
            ),
            _ => failure,
        })?;
        bombs.push(client); // it stays, and says nothing
    }
    counts(&mut honest, second.as_bytes()).map_err(|failure| failure.certain(cause))?;
    let took = began.elapsed();
    if took > TOGETHER {
        let want = "five errors, and an answer to another client, at once";
        return Err(Failure::new(want, format!("all of them after {took:.0?}")).certain(
            "somebody waits until a client that was refused has gone: nobody else is to",
        ));
    }
    Ok(())
}

fn gone_before(stage: &mut Stage) -> Result<(), Failure> {
    let word = stage.word();
    lost_in_the_queue(stage, |client| counts(client, word.as_bytes()))
}

/// Expects a frame that begins with `error: `, and then the end.
fn is_refused(client: &mut Peer) -> Result<(), Failure> {
    hears_the_error(client)?;
    client.hears_the_end().map_err(|failure| {
        if failure.kind == FailureKind::Timeout {
            failure
                .certain("after the error nothing can follow: the connection is to end")
        } else {
            failure
        }
    })
}

fn hears_the_error(client: &mut Peer) -> Result<(), Failure> {
    let want = "a frame that begins with \"error: \"";
    let head = client.hears_just(4).map_err(|failure| {
        let failure = Failure {
            expected: want.into(),
            ..failure
        };
        if failure.kind == FailureKind::Timeout {
            failure.likely("it waits for a message that is known to be too long")
        } else {
            failure
                .likely("who has sent too much is to be told: with an error in a frame")
        }
    })?;
    let length = u32::from_be_bytes(head.try_into().unwrap_or_default()) as usize;
    if length > 1000 {
        let seen = format!("a frame of {length} bytes");
        return Err(Failure::new(want, seen)
            .likely("the error is to be a frame: its length first, then its words"));
    }
    let words = client.hears_just(length).map_err(|failure| {
        failure.likely("the length before the error is not that of its words")
    })?;
    if !words.starts_with(b"error: ") {
        let number = words.strip_suffix(b" bytes").unwrap_or(b"-");
        let cause = match number.iter().all(u8::is_ascii_digit) {
            true => "a message that is too long was answered like any other",
            false => "its words are to begin with `error: `, in small letters",
        };
        return Err(Failure::new(want, quoted(&words)).likely(cause));
    }
    Ok(())
}
