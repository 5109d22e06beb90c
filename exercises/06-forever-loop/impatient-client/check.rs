//! `impatient-client`: the task, and what its check does.

use std::time::Duration;

use checker::{Exercise, Failure, FailureKind, Kind, Peer, Stage, Step};

/// The exercise, and the steps of its check.
pub const EXERCISE: Exercise = Exercise {
    name: "impatient-client",
    lesson: "06-forever-loop",
    kind: Kind::Repair,
    task: "repair a server that ends when a client gives up before its turn",
    section: "Step 2: one client's error is its own",
    hints: [
        "Look for what can end the loop: each `?` in main, and what it stands behind. \
         Which of them are about a single client? What `serve` does is right as it is.",
        "A client can connect, wait in the queue, and reset. On Linux accept returns its \
         socket all the same; but there is no peer any more whose address you could ask.",
        "peer_addr fails with ENOTCONN: go on with the next client then. Or take the \
         address from `listener.accept()`, which returns it together with the client.",
    ],
    steps: &[
        Step {
            says: "the program listens on the address that it is given",
            play: Stage::starts_server_where_told,
        },
        Step {
            says: "each line is answered, however the lines come",
            play: lines,
        },
        Step {
            says: "after one client has left comes the next",
            play: next,
        },
        Step {
            says: "a client that resets while it is served ends nobody else",
            play: reset_in_service,
        },
        Step {
            says: "a client that resets before its turn does not end the server",
            play: reset_before_its_turn,
        },
        Step {
            says: "who waits behind it has lost nothing",
            play: behind_it,
        },
        Step {
            says: "when many give up, the others are still served",
            play: many_give_up,
        },
        Step {
            says: "what has no line end before the client's end gets no answer",
            play: no_line,
        },
        Step {
            says: "what each client gets is as it was, up to the longest line",
            play: as_it_was,
        },
    ],
};

fn lines(stage: &mut Stage) -> Result<(), Failure> {
    let words = [(); 4].map(|()| stage.word());
    let mut client = stage.client()?;
    answered(&mut client, &words[0])?;
    stage.takes_its_time(&client)?;
    let told = answered(&mut client, &words[1]).map_err(|failure| {
        failure.certain("a client may send more than one line: it ends when it closes")
    });
    let sizes = stage.sizes(3);
    let joined = format!("{}\n{}\n", words[2], words[3]);
    let answer = format!("OK... {}\nOK... {}\n", words[2], words[3]);
    told?;
    client
        .says_in_pieces(&joined, sizes)
        .and_then(|()| client.hears(&answer))
        .and_then(|()| client.says(&joined))
        .and_then(|()| client.hears(&answer))
        .map_err(|failure| {
            failure
                .certain(
                    "a recv is no line: read up to the \\n, and keep what is behind it",
                )
                .read("Step 4: limits")
        })?;
    leaves(client).map_err(|failure| {
        failure.certain("after the client's end comes yours: a close, and no reset")
    })
}

fn no_line(stage: &mut Stage) -> Result<(), Failure> {
    let words = [stage.word(), stage.word()];
    let mut client = stage.client()?;
    answered(&mut client, &words[0])?;
    client.says(&words[1])?;
    leaves(client).map_err(|failure| match failure.kind {
        FailureKind::Timeout => failure,
        _ => failure
            .certain("a line ends with \\n: without it there is none, and no answer"),
    })
}

fn next(stage: &mut Stage) -> Result<(), Failure> {
    for _ in 0..3 {
        let word = stage.word();
        let served = stage.client().and_then(|mut client| {
            answered(&mut client, &word)?;
            leaves(client)
        });
        served.map_err(|failure| {
            failure
                .certain("one client was served, and then no other: the loop has ended")
        })?;
    }
    Ok(())
}

fn reset_in_service(stage: &mut Stage) -> Result<(), Failure> {
    let words = [stage.word(), stage.word()];
    let mut client = stage.client()?;
    answered(&mut client, &words[0])?;
    client.resets();
    let served = stage
        .client()
        .and_then(|mut next| answered(&mut next, &words[1]));
    served.map_err(|failure| {
        let ended = stage.program().is_ok_and(|program| {
            program.wait(Duration::from_millis(300)).is_ok() // it may be about to end
        });
        failure.certain(match ended {
            true => "the error of one client has ended the whole server",
            false => {
                "one client was lost, and another one, who was waiting, was sent away"
            }
        })
    })
}

fn reset_before_its_turn(stage: &mut Stage) -> Result<(), Failure> {
    let word = stage.word();
    let mut first = stage.client()?;
    answered(&mut first, &word)?;
    stage.client()?.resets();
    let mut last = stage.client()?;
    let served = leaves(first).and_then(|()| answered(&mut last, &word));
    served.map_err(|failure| gave_up(stage, failure))
}

fn behind_it(stage: &mut Stage) -> Result<(), Failure> {
    let words = [(); 3].map(|()| stage.word());
    let mut first = stage.client()?;
    answered(&mut first, &words[0])?;
    stage.client()?.resets();
    let mut behind = stage.client()?;
    behind.says(format!("{}\n", words[1]))?;
    // One has said all that it will say, and waits for its answer only.
    let mut half = stage.client()?;
    half.says(format!("{}\n", words[0]))?;
    half.half_closes();
    let served = leaves(first)
        .and_then(|()| behind.hears(format!("OK... {}\n", words[1])))
        .and_then(|()| answered(&mut behind, &words[2]))
        .and_then(|()| leaves(behind))
        .and_then(|()| half.hears(format!("OK... {}\n", words[0])))
        .and_then(|()| half.hears_the_end());
    served.map_err(|failure| gave_up(stage, failure))
}

fn many_give_up(stage: &mut Stage) -> Result<(), Failure> {
    let word = stage.word();
    let mut first = stage.client()?;
    answered(&mut first, &word)?;
    let mut patient = Vec::new();
    for _ in 0..4 {
        let mut impatient = stage.client()?;
        impatient.says(format!("{word}\n"))?;
        impatient.resets();
        patient.push(stage.client()?);
        stage.client()?.resets();
    }
    for _ in 0..32 {
        patient.push(stage.client()?);
    }
    let mut served = leaves(first);
    for mut client in patient {
        served = served
            .and_then(|()| answered(&mut client, &word))
            .and_then(|()| leaves(client));
    }
    served.map_err(|failure| gave_up(stage, failure))
}

/// The most bytes in a line, its end among them.
const LONGEST_LINE: usize = 4096;

fn as_it_was(stage: &mut Stage) -> Result<(), Failure> {
    let mut line = stage.bytes(200);
    line.retain(|byte| *byte != b'\n');
    line.extend(b"\xe9\xff\0 \r\n");
    let mut client = stage.client()?;
    let cause = "a line was changed: the answer holds it byte for byte";
    bytes_answered(&mut client, &line).map_err(|failure| failure.certain(cause))?;
    bytes_answered(&mut client, b"\n").map_err(|failure| {
        failure.certain("an empty line is a line, and was answered as any other")
    })?;
    let longest = ["x".repeat(LONGEST_LINE - 1).as_bytes(), b"\n"].concat();
    bytes_answered(&mut client, &longest).map_err(|failure| {
        failure.certain("a line of 4,096 bytes with its end was answered before")
    })?;
    client.says("x".repeat(LONGEST_LINE) + "\n")?;
    match client.hears_the_end() {
        // Whether its last byte was read before the close is the program's affair.
        Err(failure) if failure.seen != "a reset" => Err(failure.certain(
            "a line of 4,097 bytes with its end was no line before: its client was let \
             go",
        )),
        _ => Ok(()),
    }
}

fn bytes_answered(client: &mut Peer, line: &[u8]) -> Result<(), Failure> {
    client.says(line)?;
    client.hears([b"OK... ", line].concat())
}

/// Why nobody is served after a client that has gone before its turn.
fn gave_up(stage: &mut Stage, failure: Failure) -> Failure {
    let program = stage.program();
    let ended = program.and_then(|program| program.wait(Duration::from_millis(300)));
    let cause = if ended.is_ok() {
        "a client that had gone has ended the whole server: it has no address any more, and \
         whatever is wrong with one client, the loop goes on"
    } else if failure.kind == FailureKind::Timeout {
        "the server does not get past a client that has gone, or serves another one \
         before those who came earlier"
    } else {
        "one client gave up, and another one, who was waiting, was thrown out for it"
    };
    failure.certain(cause).hint(1)
}

/// Says a word in a line, and expects its answer.
fn answered(client: &mut Peer, word: &str) -> Result<(), Failure> {
    client.says(format!("{word}\n"))?;
    client.hears(format!("OK... {word}\n"))
}

/// Ends its sending, and expects the end in return.
fn leaves(mut client: Peer) -> Result<(), Failure> {
    client.half_closes();
    client.hears_the_end()
}
