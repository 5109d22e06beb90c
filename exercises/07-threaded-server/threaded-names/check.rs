//! `threaded-names`: the task, and what its check does.

use checker::{Exercise, Failure, FailureKind, Kind, MOST, Peer, Stage, Step};

/// The exercise, and the steps of its check.
pub const EXERCISE: Exercise = Exercise {
    name: "threaded-names",
    lesson: "07-threaded-server",
    kind: Kind::Build,
    task: "write a server that greets many clients at once, a thread for each",
    section: "A thread for a client",
    hints: [
        "The main thread only accepts. thread::spawn(move || serve(client)) gives each \
         client to a thread of its own; nothing in the loop waits for it.",
        "A message is a line, and not what one recv gives: BufReader and read_until(b'\\n') \
         take one line each time, and keep what came after it.",
        "strip_suffix takes \\n and then \\r off the bytes; b\"exit\" ends the thread's \
         function, and with it the stream. An error is returned, and ends one client.",
    ],
    steps: &[
        Step {
            says: "the program listens on the address that it is given",
            play: Stage::starts_server_where_told,
        },
        Step {
            says: "a client is welcomed, greeted by name, and hung up on after exit",
            play: greets,
        },
        Step {
            says: "a name in pieces is one name, and three names at once are three",
            play: lines,
        },
        Step {
            says: "a name in bytes that are no UTF-8 comes back unchanged",
            play: bytes,
        },
        Step {
            says: "a silent first client keeps nobody waiting",
            play: silent,
        },
        Step {
            says: "a hundred clients talk at once, and each is greeted by its own name",
            play: hundred,
        },
        Step {
            says: "a client that receives nothing keeps nobody waiting",
            play: deaf,
        },
        Step {
            says: "one client's reset or exit ends nobody else",
            play: leaves,
        },
        Step {
            says: "nor does one that has gone before it is accepted, or before its \
                   greetings",
            play: gone,
        },
        Step {
            says: "a hundred and fifty more come and go, and the next is served",
            play: many_more,
        },
        Step {
            says: "what has no line end when the client leaves is no name",
            play: half_a_name,
        },
        Step {
            says: "blanks are a part of a name, and a name may be empty",
            play: blanks,
        },
        Step {
            says: "only the line exit is exit, and only one \\r belongs to the end of \
                   a line",
            play: look_alikes,
        },
        Step {
            says: "a name may be as long as the client likes",
            play: long_name,
        },
    ],
};

/// Each client has a name of its own.
const NOT_MIXED: &str = "what one client has sent must not get into another's name";

/// A new client that is welcomed.
fn welcomed(stage: &mut Stage) -> Result<Peer, Failure> {
    let mut client = stage.client()?;
    client.hears("Welcome!\n").map_err(|failure| {
        failure.probably("each client is to be welcomed as soon as it has come")
    })?;
    Ok(client)
}

/// Says this, and expects a greeting for each of the names.
fn greeted(client: &mut Peer, says: &str, names: &[&str]) -> Result<(), Failure> {
    client.says(says)?;
    let greetings: String = names.iter().map(|name| hello(name)).collect();
    client.hears(greetings)
}

fn hello(name: &str) -> String {
    format!("Hello, {name}!\n")
}

fn greets(stage: &mut Stage) -> Result<(), Failure> {
    let (one, two) = (stage.word(), stage.word());
    let mut client = welcomed(stage)?;
    for name in [&one, &two] {
        let greeted = greeted(&mut client, &format!("{name}\n"), &[name]);
        greeted.map_err(|failure| {
            failure.likely("each line that a client sends is a name to be greeted")
        })?;
    }
    client.says("exit\n")?;
    client.hears_the_end().map_err(|failure| {
        failure
            .certain("after exit the server says nothing more to this client, and closes")
    })
}

fn lines(stage: &mut Stage) -> Result<(), Failure> {
    let mut client = welcomed(stage).map_err(|failure| {
        failure.certain("the exit of one client has ended the whole server")
    })?;
    let name = format!("{} {}", stage.word(), stage.word());
    let line = format!("{name}\n");
    let (start, rest) = line.split_at(stage.chance.usize(1..name.len()));
    let told = client.says_apart([start.as_bytes(), rest.as_bytes()]);
    let done = told.and_then(|()| client.hears(hello(&name)));
    done.map_err(|failure| {
        let cause = "what one recv gave was taken for a whole name: its end is the end of \
                     the line";
        let failure = failure.certain(cause).hint(2);
        failure.read("One recv is not one message")
    })?;
    let names = [stage.word(), stage.word(), stage.word()];
    let [one, two, three] = &names;
    let text = format!("{one}\n{two}\r\n{three}\n");
    greeted(&mut client, &text, &[one, two, three]).map_err(|failure| {
        let kept = matches!(&failure.bytes, Some((_, heard)) if heard.contains(&b'\r'));
        let cause = if kept {
            "the end of a line may be \\r\\n: that \\r is no part of the name"
        } else {
            "one recv can give several lines: each ends with \\n, maybe with \\r before it, and \
             has its own greeting"
        };
        let failure = failure.certain(cause).hint(2);
        failure.read("One recv is not one message")
    })
}

fn bytes(stage: &mut Stage) -> Result<(), Failure> {
    let mut name = stage.word().into_bytes();
    name.extend([0xe9, 0xff, b' ', 0xc3, 0xa9]); // é in Latin-1, no text, é in UTF-8
    name.extend(stage.word().into_bytes());
    let mut client = welcomed(stage)?;
    client.says([&name[..], b"\n"].concat())?;
    let answer = [b"Hello, ", &name[..], b"!\n"].concat();
    client.hears(answer).map_err(|failure| {
        let cause = "the name was taken for UTF-8: it is bytes";
        failure.certain(cause).hint(3).read("One client")
    })
}

fn blanks(stage: &mut Stage) -> Result<(), Failure> {
    let mut client = welcomed(stage)?;
    for name in [
        " exit ".into(),
        format!("  {} ", stage.word()),
        String::new(),
    ] {
        greeted(&mut client, &format!("{name}\n"), &[&name]).map_err(|failure| {
            let cause = "a name is all that stands before the end of its line: blanks belong \
                         to it, and nothing at all is a name, too";
            failure.certain(cause).hint(3)
        })?;
    }
    Ok(())
}

fn look_alikes(stage: &mut Stage) -> Result<(), Failure> {
    let (one, two) = (stage.word(), stage.word());
    let mut client = welcomed(stage)?;
    for name in ["EXIT", "exits", "an exit", "exit exit"] {
        greeted(&mut client, &format!("{name}\n"), &[name]).map_err(|failure| {
            let cause = "a name was taken for exit: only the line that is just `exit` \
                         ends it";
            failure.certain(cause).hint(3)
        })?;
    }
    for name in [format!("{one}\r{two}"), format!("{one}\r"), "\r".into()] {
        greeted(&mut client, &format!("{name}\r\n"), &[&name]).map_err(|failure| {
            let cause = "\\n, or \\r\\n, is the end of a line: any other \\r is a part \
                         of the name";
            failure.certain(cause).hint(3)
        })?;
    }
    // What comes after it is never looked at: the close may then be a reset.
    client.says(format!("exit\r\n{one}\n"))?;
    match client.hears_the_end() {
        Err(failure) if failure.seen != "a reset" => {
            let after = hello(&one).into_bytes();
            let cause = match &failure.bytes {
                Some((_, heard)) if *heard == after => {
                    "after the line exit this client gets no answer any more, whatever it sends"
                }
                _ => "exit may end with \\r\\n like any line",
            };
            Err(failure.certain(cause).hint(3))
        }
        _ => Ok(()),
    }
}

/// Longer than what one recv of a usual program gives.
const LONG: usize = 280_000;

fn long_name(stage: &mut Stage) -> Result<(), Failure> {
    stage.grows(LONG..=MOST, |stage, length| {
        let name = stage.long_word(length);
        let mut client = welcomed(stage)?;
        let told = client.says(format!("{name}\n"));
        told.and_then(|()| client.hears_many(hello(&name).as_bytes()))
            .map_err(|failure| {
                let cause =
                    "a long name was cut, or given up: read on until the end of its line";
                failure.certain(cause).hint(2)
            })
    })
}

fn half_a_name(stage: &mut Stage) -> Result<(), Failure> {
    let (name, half) = (stage.word(), stage.word());
    // All of it is there before the program looks, and the client's end, too.
    let mut client = stage.while_it_is_stopped(|stage| {
        let mut client = stage.client()?;
        client.says(format!("{name}\n{half}"))?;
        client.half_closes();
        Ok(client)
    })?;
    let greeting = format!("Welcome!\n{}", hello(&name));
    client.hears(greeting).map_err(|failure| {
        failure.certain("a client that has ended its sending still gets its greetings")
    })?;
    client.hears_the_end().map_err(|failure| {
        let cause = "the client left before its line had an end: that was no name yet";
        match failure.bytes {
            Some(_) => failure.certain(cause).hint(2),
            None => failure,
        }
    })
}

fn silent(stage: &mut Stage) -> Result<(), Failure> {
    let (first, second) = (stage.word(), stage.word());
    let mut silent = welcomed(stage)?;
    stage.takes_its_time(&silent)?;
    let (start, rest) = first.split_at(1);
    stage
        .takes_for_ever(&mut silent, start.as_bytes())
        .map_err(|failure| {
            failure.certain("a client may be silent for as long as it likes: no timeout")
        })?;
    let cause = "the second client is served only when the first has gone: something waits \
                 for a client that is silent";
    let late = |failure: Failure| match failure.kind {
        FailureKind::Timeout => failure.certain(cause),
        _ => failure.likely(NOT_MIXED),
    };
    let mut client = welcomed(stage).map_err(late)?;
    greeted(&mut client, &format!("{second}\n"), &[&second]).map_err(late)?;
    client.says("exit\n")?;
    client.hears_the_end()?;
    greeted(&mut silent, &format!("{rest}\n"), &[&first])
        .map_err(|failure| failure.likely("the silent client is still to be served"))
}

fn hundred(stage: &mut Stage) -> Result<(), Failure> {
    let mut clients = Vec::new();
    for _ in 0..100 {
        let name = format!("{} {}", stage.word(), stage.word());
        let client = welcomed(stage).map_err(|failure| {
            let cause = match failure.kind {
                FailureKind::Timeout => {
                    "there are not enough threads: each client needs its own"
                }
                _ => {
                    "a client was sent away, or the server has ended: a hundred may \
                      be there"
                }
            };
            failure.certain(cause)
        })?;
        clients.push((client, name));
    }
    for (client, name) in &mut clients {
        client.says(&name.as_bytes()[..3])?;
    }
    for (client, name) in clients.iter_mut().rev() {
        greeted(client, &format!("{}\n", &name[3..]), &[name]).map_err(|failure| {
            match failure.kind {
                FailureKind::Timeout => failure.certain(
                    "a client gets no answer while others are here and silent: something, such \
                     as a lock, is held between two names",
                ),
                _ => failure.likely(NOT_MIXED),
            }
        })?;
    }
    Ok(())
}

/// Asks more than the buffers of both sides hold answers for: its thread waits in write.
fn deaf(stage: &mut Stage) -> Result<(), Failure> {
    let name = stage.word();
    let mut deaf = stage.narrow_client()?;
    let names = format!("{name}\n").repeat(MANY / name.len());
    let mut taken = 0;
    // On a busy machine the kernel has still to carry what looks full: then a lock is free
    // once more, and the first to come may get it.
    for _ in 0..2 {
        // Until the server sleeps in write, and not only because nobody had a processor.
        taken += stage.fills(&mut deaf, &names.as_bytes()[taken..])?;
        let served = welcomed(stage)
            .and_then(|mut client| greeted(&mut client, &format!("{name}\n"), &[&name]));
        served.map_err(|failure| {
            let cause = "one client does not receive, and another one waits for it: a lock \
                         is held in write, or one thread writes for both";
            failure.certain(cause).hint(1)
        })?;
    }
    Ok(())
}

/// Bytes of names whose greetings fit into no buffers.
const MANY: usize = 8_000_000;

fn gone(stage: &mut Stage) -> Result<(), Failure> {
    let word = stage.word();
    let line = format!("{word}\n");
    let mut stays = welcomed(stage)?;
    stage.client_gone_from_the_queue()?;
    let cause = "a client that had gone before it was accepted has ended the server";
    greeted(&mut stays, &line, &[&word]).map_err(|failure| failure.certain(cause))?;
    stage.client_gone_before_its_answers(line.repeat(1000).as_bytes())?;
    let cause = "a client had gone when its greetings were written, and others were ended \
                 with it";
    greeted(&mut stays, &line, &[&word])
        .map_err(|failure| failure.certain(cause).hint(3).read("A thread panics"))
}

fn many_more(stage: &mut Stage) -> Result<(), Failure> {
    for _ in 0..150 {
        let gone = welcomed(stage).and_then(|mut client| {
            client.says("exit\n")?;
            client.hears_the_end()
        });
        gone.map_err(|failure| {
            failure.certain("after some number of clients no other is served")
        })?;
    }
    let before = stage.holdings()?;
    for round in 0..40 {
        let client = welcomed(stage)?;
        if round % 2 == 0 {
            client.resets();
        } // else it just closes
    }
    stage.has_given_back(before, 15)
}

fn leaves(stage: &mut Stage) -> Result<(), Failure> {
    others_stay(stage).map_err(|failure| {
        let cause = "the end of one client has ended others: an error, or exit, is for its \
                     own thread only";
        failure.certain(cause).hint(3).read("A thread panics")
    })
}

fn others_stay(stage: &mut Stage) -> Result<(), Failure> {
    let (half, name) = (stage.word(), stage.word());
    let mut stays = welcomed(stage)?;
    let mut breaks = welcomed(stage)?;
    breaks.says_apart([half.as_bytes()])?;
    breaks.resets();
    // Its thread has seen the reset, and done what it does then, when nothing runs any more.
    stage.program()?.sleeps().ok();
    let mut exits = welcomed(stage)?;
    exits.says("exit\n")?;
    exits.hears_the_end()?;
    let line = format!("{name}\n");
    greeted(&mut stays, &line, &[&name])?;
    let mut next = welcomed(stage)?;
    greeted(&mut next, &line, &[&name])
}
