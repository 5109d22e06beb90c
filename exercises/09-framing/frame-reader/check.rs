//! `frame-reader`: the task, and what its check does.

use std::time::Instant;

use checker::{Exercise, Failure, FailureKind, Kind, Peer, Stage, Step};

use crate::framing::{
    LIMIT, NO_OTHER, at_once, ended_by, frame, gone_before_its_answers, head,
    lost_in_the_queue, takes_no_memory, waits_for_the_end,
};

/// The exercise, and the steps of its check.
pub const EXERCISE: Exercise = Exercise {
    name: "frame-reader",
    lesson: "09-framing",
    kind: Kind::Build,
    task: "write a server that reads frames, and answers each with its bytes reversed",
    section: "Reading one frame",
    hints: [
        "A frame is read in two steps, and a recv knows neither: first exactly 4 bytes, \
         then exactly as many as they say. read_exact calls recv until it has them all.",
        "read_exact gives an error when the stream ends before: return it with `?`, and \
         half a message is never taken for one. u32::from_be_bytes makes the length.",
        "Between the two read_exact: if length > LIMIT, return Err. Only then \
         vec![0; length]. The answer: [&head[..], &message[..]].concat() in one write_all.",
    ],
    steps: &[
        Step {
            says: "the program listens on the address that it is given",
            play: Stage::starts_server_where_told,
        },
        Step {
            says: "a message comes back reversed, as a frame",
            play: reversed,
        },
        Step {
            says: "an empty message is answered with an empty one",
            play: empty,
        },
        Step {
            says: "a frame that comes byte by byte is one frame",
            play: pieces,
        },
        Step {
            says: "frames that come all at once are several frames",
            play: together,
        },
        Step {
            says: "five hundred frames before the first answer is read get all answers",
            play: many,
        },
        Step {
            says: "any bytes, as many as are allowed, are a message",
            play: largest,
        },
        Step {
            says: "a frame that is cut off gets no answer, those before it do",
            play: cut_off,
        },
        Step {
            says: "a length above the limit ends the connection at once",
            play: too_long,
        },
        Step {
            says: "a client that receives late gets all its answers",
            play: late,
        },
        Step {
            says: "after all of that the next client is served",
            play: next_client,
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

/// Says a message in a frame, and expects it reversed in a frame.
fn answers(client: &mut Peer, message: &[u8]) -> Result<(), Failure> {
    client.says(frame(message))?;
    client.hears(reply(message))
}

/// The frame that answers this message.
fn reply(message: &[u8]) -> Vec<u8> {
    let mut message = message.to_vec();
    message.reverse();
    frame(message)
}

fn reversed(stage: &mut Stage) -> Result<(), Failure> {
    // Nothing that is the same from its end, and so long that no byte of its length is a
    // line end.
    let message = format!("{}, {} and you!", stage.word(), stage.word());
    let mut client = stage.client()?;
    answers(&mut client, message.as_bytes()).map_err(|failure| {
        let heard = failure.bytes.as_ref().map(|(_, heard)| heard.clone());
        let heard = heard.unwrap_or_default();
        let length = head(message.len());
        if failure.kind == FailureKind::Timeout && heard.is_empty() {
            let failure = failure.certain(
                "it waits for more: 4 bytes, the highest first, say where a message ends",
            );
            waits_for_the_end(&mut client, failure)
        } else if heard.is_empty() {
            failure.certain("the length was misread: its highest byte comes first")
        } else if !heard.starts_with(&length) {
            failure.certain(
                "the answer is a frame, too: first the length, 4 bytes, then the message",
            )
        } else {
            failure.likely("the message is to come back with its last byte first")
        }
    })?;
    client.half_closes();
    client.hears_the_end().map_err(|failure| {
        if failure.seen != "a reset" {
            return failure;
        }
        let cause = "all that was sent has been read, and it is a reset all the same: with an \
                     SO_LINGER of 0 close throws away what is on its way";
        failure.certain(cause)
    })
}

fn empty(stage: &mut Stage) -> Result<(), Failure> {
    empty_answered(stage).map_err(|failure| stage.after_the_end(failure, NO_OTHER))
}

fn empty_answered(stage: &mut Stage) -> Result<(), Failure> {
    let mut client = stage.client()?;
    answers(&mut client, b"").map_err(|failure| {
        let waits = failure.kind == FailureKind::Timeout;
        failure.certain(if waits {
            "it waits in recv for a message that has no bytes, or gives it no answer"
        } else {
            "an empty message was taken for the end: four zeros are a frame"
        })
    })?;
    let word = stage.word();
    answers(&mut client, word.as_bytes())
        .map_err(|failure| failure.certain("after a message the next one comes"))?;
    for length in 1..4 {
        answers(&mut client, &word.as_bytes()[..length]).map_err(|failure| {
            let longer = failure.bytes.as_ref();
            let longer = longer.is_some_and(|(all, heard)| {
                heard.get(..4).is_some_and(|length| length > &all[..4])
            });
            failure.likely(if longer {
                "the answer is longer than its message: of an earlier one nothing is kept"
            } else {
                "a short message is reversed like any other"
            })
        })?;
    }
    Ok(())
}

fn pieces(stage: &mut Stage) -> Result<(), Failure> {
    let message = stage.word();
    let answer = reply(message.as_bytes());
    let message = frame(&message);
    let mut client = stage.client()?;
    client.says_apart([&message[..1]])?;
    stage.takes_its_time(&client)?;
    let told = client.says_in_pieces(&message[1..], std::iter::repeat(1));
    let heard = told.and_then(|()| client.hears(answer));
    heard.map_err(|failure| {
        let cause = "what one recv gave was taken for all: read until the frame is whole";
        failure.certain(cause)
    })
}

fn together(stage: &mut Stage) -> Result<(), Failure> {
    let words = [stage.word(), stage.word(), stage.word()];
    let mut client = stage.client()?;
    let all = words.each_ref().map(|word| reply(word.as_bytes())).concat();
    client.says(words.each_ref().map(frame).concat())?;
    client.hears(&all).map_err(|failure| {
        let heard = failure.bytes.as_ref().map(|(_, heard)| &heard[..]);
        let later = |word: &String| {
            heard.is_some_and(|heard| heard.starts_with(&reply(word.as_bytes())))
        };
        if words[1..].iter().any(later) {
            return failure.certain(IN_ORDER);
        }
        let cause = "what came behind a frame got lost, or waits for the next recv: it belongs \
                     to the next frame";
        failure.certain(cause).read("A delimiter")
    })?;
    client.half_closes();
    client.hears_the_end()?;
    // All of it is there before the program looks, and the client's end, too. Nobody is served
    // meanwhile: a read with a timeout ends with EINTR where its program was stopped
    // (signal(7)).
    let mut client = stage.while_it_is_stopped(|stage| {
        let mut client = stage.client()?;
        client.says(words.each_ref().map(frame).concat())?;
        client.half_closes();
        Ok(client)
    })?;
    client.hears(&all).map_err(|failure| {
        failure.certain("a client that has ended its sending still gets all its answers")
    })?;
    client.hears_the_end()
}

const IN_ORDER: &str =
    "the answers come in the order of the messages, one after the other";

fn many(stage: &mut Stage) -> Result<(), Failure> {
    let word = stage.word();
    let words: Vec<_> = (0..500).map(|number| format!("{word} {number}")).collect();
    let mut client = stage.client()?;
    client.says(words.iter().flat_map(frame).collect::<Vec<_>>())?;
    client.half_closes();
    let answers = words.iter().flat_map(|word| reply(word.as_bytes()));
    let all = client
        .hears(answers.collect::<Vec<_>>())
        .and_then(|()| client.hears_the_end());
    all.map_err(|failure| {
        let heard = failure.bytes.as_ref();
        let cause = if heard.is_some_and(|(all, heard)| !all.starts_with(heard)) {
            IN_ORDER
        } else {
            "a client may send as many frames as it likes, and each is answered"
        };
        stage.after_the_end(failure.certain(cause), NO_OTHER)
    })
}

fn largest(stage: &mut Stage) -> Result<(), Failure> {
    let mut client = stage
        .client()
        .map_err(|failure| failure.certain(NO_OTHER))?;
    // The second is text, and its characters are not its bytes.
    for bytes in [stage.bytes(300), (stage.word() + "éü").into_bytes()] {
        answers(&mut client, &bytes).map_err(|failure| {
            failure.likely("the message was taken for text: it may be any bytes")
        })?;
    }
    let bytes = stage.bytes(LIMIT);
    client = stage.client()?;
    answers(&mut client, &bytes).map_err(|failure| {
        let heard = failure.bytes.as_ref().map(|(_, heard)| &heard[..]);
        let length = heard.and_then(|heard| heard.get(..4));
        let cause = match length {
            Some(length) if length != head(LIMIT) => {
                "the length before the answer is that of its bytes, in all 4 bytes"
            }
            Some(_) => {
                "a message that comes in several recvs is one: it is reversed as a whole"
            }
            None => {
                "a message of just 65,536 bytes is allowed, and comes in several recvs"
            }
        };
        failure.certain(cause).hint(2)
    })?;
    answers(&mut client, &bytes[..1]).map_err(|failure| {
        let cause =
            "the limit is for one message, and not for all of a client's together";
        failure.certain(cause).hint(2)
    })
}

fn cut_off(stage: &mut Stage) -> Result<(), Failure> {
    let (whole, half) = (stage.word(), stage.word());
    let half = frame(half);
    for size in [half.len() - 1, 2] {
        let answered = stage.client().and_then(|mut client| {
            client.says([frame(&whole), half[..size].to_vec()].concat())?;
            client.half_closes();
            client.hears(reply(whole.as_bytes())).map_err(|failure| {
                let cause = match &failure.bytes {
                    Some((all, heard)) if !all.starts_with(heard) => {
                        "a client's first frame begins with its first byte: nothing is kept \
                         of the client before"
                    }
                    _ => "the frames before the one that is cut off are answered",
                };
                failure.probably(cause)
            })?;
            client.hears_the_end().map_err(|failure| {
                let cause =
                    "half a frame was taken for a whole one: its end has not come";
                failure.certain(cause)
            })
        });
        let cause = "one client's error has ended the server";
        answered.map_err(|failure| ended_by(stage, failure, cause))?;
    }
    Ok(())
}

fn too_long(stage: &mut Stage) -> Result<(), Failure> {
    takes_no_memory(stage, bombs)
}

fn bombs(stage: &mut Stage) -> Result<(), Failure> {
    let ended = "a client with a length above the limit has ended the server";
    let word = stage.word();
    let mut times = vec![Instant::now()];
    // The last one is too long by a byte: who has refused the others knows the limit.
    for (frames, length) in [
        (0, usize::MAX),
        (1, 0x9000_0000),
        (2, 0x7fff_ffff),
        (0, LIMIT + 1),
    ] {
        let mut client = stage.client().map_err(|failure| failure.certain(ended))?;
        client.says([frame(&word).repeat(frames), head(length).into()].concat())?;
        let answers = client.hears(reply(word.as_bytes()).repeat(frames));
        answers.map_err(|failure| {
            let cause = "the frames before a length above the limit are whole: their answers \
                         come before the end";
            ended_by(stage, failure.certain(cause), ended)
        })?;
        client.hears_the_end().map_err(|failure| {
            let late = failure.kind == FailureKind::Timeout;
            let cause = match failure.bytes {
                Some(_) => "a length above the limit gets no answer: the connection ends",
                None if late && length == LIMIT + 1 => {
                    "a message has at most 65,536 bytes: 65,537 are too long"
                }
                None => {
                    "the length is only a claim: compare it with the limit, before you wait \
                     for the message or take memory for it, and close the connection"
                }
            };
            failure.certain(cause).hint(2)
        })?;
        times.push(Instant::now());
    }
    at_once(&times, "the end of the stream")?;
    let next = stage.client();
    let served = next.and_then(|mut client| answers(&mut client, word.as_bytes()));
    served.map_err(|failure| {
        let cause = "a length above the limit has ended the server, or memory was taken \
                     for it: look at the limit first";
        failure.certain(cause).hint(2)
    })
}

fn gone_before(stage: &mut Stage) -> Result<(), Failure> {
    let word = stage.word();
    lost_in_the_queue(stage, |client| answers(client, word.as_bytes()))
}

fn gone_early(stage: &mut Stage) -> Result<(), Failure> {
    let word = stage.word();
    let many = frame(&word).repeat(2000);
    gone_before_its_answers(stage, &many, |client| answers(client, word.as_bytes()))
}

/// The answers are more than the kernel keeps for a client that receives nothing: a server that
/// goes on meanwhile has lost some of them.
fn late(stage: &mut Stage) -> Result<(), Failure> {
    let message = stage.long_word(1000);
    let (one, answer) = (frame(&message), reply(message.as_bytes()));
    let mut client = stage.narrow_client()?;
    let taken = stage
        .fills(&mut client, &one.repeat(4000))
        .map_err(given_up)?;
    stage.takes_its_time(&client).map_err(given_up)?;
    client.acknowledges_at_once();
    let begun = taken % one.len();
    let heard = client.hears_many(&answer.repeat(taken / one.len()));
    let heard = heard.and_then(|()| {
        if begun > 0 {
            client.says(&one[begun..])?;
            client.hears(&answer)?;
        }
        client.half_closes();
        client.hears_the_end()
    });
    heard.map_err(|failure| {
        let cause = "the client did not receive for a while, and then not all came: what one \
                     write does not take is sent later, and all before the close";
        failure.certain(cause)
    })
}

fn given_up(failure: Failure) -> Failure {
    failure.certain(
        "a client that receives nothing for a while was given up: it may take some seconds",
    )
}

fn next_client(stage: &mut Stage) -> Result<(), Failure> {
    let word = stage.word();
    let mut lost = stage.client()?;
    answers(&mut lost, word.as_bytes())?; // so it has been accepted
    lost.says(head(10))?;
    lost.resets();
    stage.program()?.sleeps().ok(); // it has seen that
    let served = stage.client().and_then(|mut client| {
        answers(&mut client, word.as_bytes())?;
        client.half_closes();
        client.hears_the_end()
    });
    served.map_err(|failure| failure.certain("one client's error has ended the server"))
}
