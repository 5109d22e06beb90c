//! `udp-upper`: the task, and what its check does.

use std::time::Duration;

use checker::{Datagrams, Exercise, Failure, FailureKind, Kind, Stage, Step, quoted};

use crate::udp::comes;

/// The exercise, and the steps of its check.
pub const EXERCISE: Exercise = Exercise {
    name: "udp-upper",
    lesson: "08-udp",
    kind: Kind::Repair,
    task: "make a UDP server go on, whatever datagram it gets",
    section: "The server, step 1",
    hints: [
        "`strace -e trace=recvfrom,sendto -p PID` shows what came of each datagram: how many \
         bytes were received, and what was done with them? Where is the loop's way out?",
        "What does a recv of 0 bytes mean on a TCP socket, and what on a UDP socket? In \
         udp-client press Enter on an empty line.",
        "Remove the arm with Ok((0, _)): an empty datagram is received and answered like \
         any other. send_to of an empty slice sends one.",
    ],
    steps: &[
        Step {
            says: "the program has a UDP socket on the address that it is given",
            play: receives,
        },
        Step {
            says: "a word comes back in upper case, from the server's address",
            play: word,
        },
        Step {
            says: "of two clients each gets its own answer",
            play: two_clients,
        },
        Step {
            says: "bytes that are no text keep their places and their number",
            play: any_bytes,
        },
        Step {
            says: "the largest datagram that there can be comes back whole",
            play: largest,
        },
        Step {
            says: "an empty datagram is answered with an empty one",
            play: empty,
        },
        Step {
            says: "after it the server goes on",
            play: goes_on,
        },
        Step {
            says: "a client that has gone before its answer ends nothing",
            play: gone,
        },
        Step {
            says: "it waits for the next datagram, however long nothing comes",
            play: quiet,
        },
        Step {
            says: "it goes on, whatever else comes, and however often",
            play: often,
        },
    ],
};

fn receives(stage: &mut Stage) -> Result<(), Failure> {
    let started = stage.starts_udp_server_where_told();
    let tcp = checker::sockets::listens(stage.address());
    started.map_err(|failure| {
        if tcp {
            failure
                .certain("this is a TCP listener: with UDP there is no listen, no accept")
        } else {
            failure.likely("it ended before a datagram could come: a server waits")
        }
    })
}

fn word(stage: &mut Stage) -> Result<(), Failure> {
    let client = stage.datagrams()?;
    let word = stage.word();
    answers(stage, &client, word.as_bytes())
}

fn any_bytes(stage: &mut Stage) -> Result<(), Failure> {
    let client = stage.datagrams()?;
    let mut all: Vec<u8> = (0..=255).collect();
    stage.chance.shuffle(&mut all);
    let bytes = [b" ", &all[..], b"\xe9\xff\0\r\n"].concat();
    answers(stage, &client, &bytes).map_err(|failure| {
        let lengths = failure.bytes.as_ref();
        let shorter = lengths.is_some_and(|(upper, came)| came.len() < upper.len());
        let smaller = lengths.is_some_and(|(upper, came)| {
            let mut both = upper.iter().zip(came);
            // One that came longer has its letters in other places.
            upper.len() == came.len()
                && both.any(|(upper, came)| upper.is_ascii_uppercase() && *upper != *came)
        });
        failure.certain(if shorter {
            "bytes were taken off, as if this were text: an answer has the length of its \
             datagram"
        } else if smaller {
            "a letter that is in upper case already stays as it is"
        } else {
            "the bytes were taken for text: only the ASCII letters change"
        })
    })
}

fn two_clients(stage: &mut Stage) -> Result<(), Failure> {
    let (anna, ben) = (stage.datagrams()?, stage.datagrams()?);
    let mut before: Option<Vec<u8>> = None;
    for client in [&anna, &ben, &anna] {
        let word = stage.word();
        let answered = answers(stage, client, word.as_bytes());
        let ended = stage.program()?.ended().is_some();
        answered.map_err(|failure| {
            let twice = failure.bytes.as_ref().is_some_and(|(_, came)| {
                before.as_ref() == Some(came) // what Anna was told when she was first
            });
            failure.likely(if twice {
                "a datagram was answered twice"
            } else if ended {
                "one datagram was answered, and then no other: recv_from stands in a loop"
            } else {
                "there is one socket for all: it is not connected to one of them"
            })
        })?;
        before.get_or_insert(word.to_ascii_uppercase().into_bytes());
    }
    Ok(())
}

fn largest(stage: &mut Stage) -> Result<(), Failure> {
    let client = stage.datagrams()?;
    let bytes = stage.bytes(65_507);
    answers(stage, &client, &bytes).map_err(|failure| {
        let cut = failure.bytes.is_some();
        failure
            .certain(if cut {
                "the buffer was too short, and the kernel threw the rest away"
            } else {
                "a datagram may have 65,507 bytes: the largest is answered, too"
            })
            .read("The server, step 2")
    })
}

fn empty(stage: &mut Stage) -> Result<(), Failure> {
    let (other, client) = (stage.datagrams()?, stage.datagrams()?);
    let word = stage.word();
    answers(stage, &other, word.as_bytes())?;
    empty_answered(stage, &client).map_err(|failure| {
        match other.hears_any(Duration::from_millis(1)) {
            Some(_) => failure.certain(
                "the answer went to another client: to the one that had sent the datagram \
                 before",
            ),
            None => failure,
        }
    })
}

fn empty_answered(stage: &mut Stage, client: &Datagrams) -> Result<(), Failure> {
    let answered = answers(stage, client, b"");
    let ended = stage.program()?.ended().is_some();
    answered.map_err(|failure| {
        if ended {
            failure.certain(
                "0 bytes were taken for the end: here they are an empty datagram",
            )
        } else {
            failure.likely("an empty datagram is a datagram: it gets its answer, too")
        }
    })
}

fn goes_on(stage: &mut Stage) -> Result<(), Failure> {
    let client = stage.datagrams()?;
    for _ in 0..3 {
        let word = stage.word();
        empty_answered(stage, &client).map_err(|failure| match failure.kind {
            FailureKind::Timeout => failure.probably(
                "one empty datagram was answered, and this one is not: each is, also one \
                 that is equal to the one before",
            ),
            _ => failure,
        })?;
        answers(stage, &client, word.as_bytes()).map_err(|failure| {
            let nothing = failure
                .bytes
                .as_ref()
                .is_some_and(|(_, came)| came.is_empty());
            failure.likely(if nothing {
                "an empty datagram was answered twice"
            } else {
                "after an empty datagram the next is not answered"
            })
        })?;
    }
    Ok(())
}

fn gone(stage: &mut Stage) -> Result<(), Failure> {
    let (client, word) = (stage.datagrams()?, stage.word());
    for _ in 0..3 {
        stage.datagrams()?.says(&word, stage.address())?; // and its socket is closed
        answers(stage, &client, word.as_bytes()).map_err(|failure| {
            failure.likely("one client's error has ended the service for all")
        })?;
    }
    Ok(())
}

fn quiet(stage: &mut Stage) -> Result<(), Failure> {
    let (client, word) = (stage.datagrams()?, stage.word());
    let waits =
        stage.hears_nobody_after(|stage| answers(stage, &client, word.as_bytes()));
    waits.map_err(|failure| {
        failure.likely(
            "a timeout of the socket was taken for an end: that nobody asks is none",
        )
    })?;
    answers(stage, &client, word.as_bytes())
}

fn often(stage: &mut Stage) -> Result<(), Failure> {
    let client = stage.datagrams()?;
    let word = stage.word();
    for count in 0..300 {
        answers(stage, &client, word.as_bytes()).map_err(|failure| {
            failure.likely(format!(
                "no end was asked for, also not after {count} datagrams"
            ))
        })?;
    }
    for word in ["exit", "quit", "q", "stop", "end", "\0", "\n", "\x04"] {
        answers(stage, &client, word.as_bytes()).map_err(|failure| {
            failure.likely("a word or a byte was taken for an order: there is none")
        })?;
    }
    answers(stage, &client, (word + " ä ÿ é").as_bytes()).map_err(|failure| {
        failure.certain("the bytes were taken for text: only the ASCII letters change")
    })
}

/// A buffer for datagrams has more room than so many bytes.
const FEW: usize = 16;

/// Sends a datagram, and expects it in upper case from where it was sent to.
fn answers(stage: &mut Stage, client: &Datagrams, bytes: &[u8]) -> Result<(), Failure> {
    let upper = bytes.to_ascii_uppercase();
    let want = match bytes {
        [] => "an empty datagram".to_string(),
        _ => format!("the datagram {}", quoted(&upper)),
    };
    client.says(bytes, stage.address())?;
    let (answer, from) = comes(stage, client, &want)?;
    if answer != upper {
        let seen = Failure::new(want, quoted(&answer));
        let failure = Failure {
            bytes: Some((upper.clone(), answer.clone())),
            ..seen
        };
        return Err(if bytes.is_empty() {
            failure.likely("an answer has the length of its question: here no byte")
        } else if answer.len() > bytes.len()
            && answer[..bytes.len()].eq_ignore_ascii_case(bytes)
        {
            failure.likely(if answer.len() - bytes.len() < FEW {
                "something was added at the end: an answer has the length of its datagram"
            } else {
                "the whole buffer was sent: only the start of it was received"
            })
        } else if answer.eq_ignore_ascii_case(&upper) {
            failure.likely("letters came back as they were: all 26 have an upper case")
        } else {
            failure
        });
    }
    if from != stage.address() {
        let seen = format!("the right answer, but from {from}");
        return Err(
            Failure::new(format!("{want} from {}", stage.address()), seen).certain(
                "it was sent from another socket: its client waits for this server's",
            ),
        );
    }
    Ok(())
}
