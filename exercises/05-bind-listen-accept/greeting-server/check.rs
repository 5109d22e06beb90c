//! `greeting-server`: the task, and what its check does.

use std::net::Ipv6Addr;

use checker::{Exercise, Failure, FailureKind, Kind, Stage, Step};

/// The exercise, and the steps of its check.
pub const EXERCISE: Exercise = Exercise {
    name: "greeting-server",
    lesson: "05-bind-listen-accept",
    kind: Kind::Build,
    task: "write a server that reads a name, a line of any number of pieces, and greets it",
    section: "The program",
    hints: [
        "A listening socket takes four calls: Socket::new, set_reuse_address, bind, listen. \
         A line is read until its end has come, not until recv has given something.",
        "Collect what recv gives in a Vec<u8> until there is a b'\\n' in it; 0 bytes before \
         that are an early end. BufReader and read_until do just this.",
        "name.strip_suffix(b\"\\n\"), and the same for b\"\\r\", takes the end off the bytes. Build \
         the answer from bytes: [b\"Hello, \", name, b\"!\\n\"].concat(), and no String anywhere.",
    ],
    steps: &[
        Step {
            says: "the program listens on the address that it is given",
            play: listens,
        },
        Step {
            says: "a name is greeted, and the connection closed",
            play: greets,
        },
        Step {
            says: "a name with \\r\\n is greeted without them",
            play: crlf,
        },
        Step {
            says: "a name that comes in pieces is one name",
            play: pieces,
        },
        Step {
            says: "a name in bytes that are no UTF-8 comes back unchanged",
            play: bytes,
        },
        Step {
            says: "a client that leaves in its line gets no greeting",
            play: leaves,
        },
        Step {
            says: "after it the next client is greeted",
            play: greets_the_next,
        },
        Step {
            says: "after a client whose connection is reset, too",
            play: resets,
        },
        Step {
            says: "a name may be empty, long, or have blanks and \\r in it",
            play: odd_names,
        },
        Step {
            says: "many clients are greeted, one after another",
            play: many,
        },
        Step {
            says: "on an IPv6 address it listens, too",
            play: six,
        },
    ],
};

fn listens(stage: &mut Stage) -> Result<(), Failure> {
    let started = stage.starts_server();
    started.map_err(|failure| {
        // accept gives EINVAL on a socket that does not listen.
        let complaints = stage.program().map(|program| program.complaints());
        let invalid = |words: String| words.contains("Invalid argument");
        match complaints.is_ok_and(invalid) {
            true => failure
                .certain(
                    "a call got the error EINVAL: accept does where listen is missing",
                )
                .hint(1),
            false => failure,
        }
    })?;
    stage.listens_there_only()
}

fn odd_names(stage: &mut Stage) -> Result<(), Failure> {
    let blanks = format!(" {}\t{} ", stage.word(), stage.word());
    let returns = format!("{}\r{}\r", stage.word(), stage.word());
    let long: String = format!("{} ", stage.word())
        .chars()
        .cycle()
        .take(4000)
        .collect();
    for (name, cause) in [
        (
            blanks,
            "the name was trimmed: only the end of the line is no part of it",
        ),
        (
            returns,
            "the end of a line is \\n or \\r\\n: any other \\r is a part of the name",
        ),
        (
            String::new(),
            "an empty line is a line: its name has no bytes",
        ),
        (
            long,
            "a name of 4000 bytes is none too many: it was cut, or given up",
        ),
    ] {
        let mut client = stage.client()?;
        client.says(format!("{name}\r\n"))?;
        let heard = client.hears(format!("Hello, {name}!\n"));
        heard.map_err(|failure| failure.certain(cause).hint(3).read("The client"))?;
    }
    Ok(())
}

fn many(stage: &mut Stage) -> Result<(), Failure> {
    // One of them leaves before it has said anything.
    stage.client()?.half_closes();
    for _ in 0..60 {
        greets(stage).map_err(|failure| {
            let cause =
                "the server has ended, or serves a certain number of clients only";
            stage.after_the_end(failure, cause).hint(1)
        })?;
    }
    let before = stage.holdings()?;
    let name = stage.word();
    for _ in 0..20 {
        let mut client = stage.client()?;
        client.says(&name)?;
        client.resets();
    }
    greets(stage)?; // one after another they have had their turn
    stage.has_given_back(before, 10)
}

fn six(stage: &mut Stage) -> Result<(), Failure> {
    if std::net::TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_err() {
        return Ok(()); // a machine without IPv6
    }
    stage
        .starts_server_on(Ipv6Addr::LOCALHOST.into())
        .map_err(|failure| {
            let cause =
                "an address of IPv6 needs a socket of its family: Domain::for_address";
            failure.certain(cause).hint(1)
        })?;
    stage.listens_there_only()?;
    greets(stage)
}

fn greets_the_next(stage: &mut Stage) -> Result<(), Failure> {
    greets(stage).map_err(|failure| {
        let cause =
            "a client that left in its line has ended the whole server, or keeps it busy";
        failure.certain(cause).hint(1)
    })
}

fn resets(stage: &mut Stage) -> Result<(), Failure> {
    let name = stage.word();
    let mut client = stage.client()?;
    client.says_apart([name.as_bytes()])?;
    client.resets();
    greets(stage).map_err(|failure| {
        let cause =
            "the error of one client has ended the whole server, or keeps it busy";
        failure.certain(cause).hint(1)
    })
}

fn greets(stage: &mut Stage) -> Result<(), Failure> {
    let name = stage.word();
    let mut client = stage.client()?;
    client.says(format!("{name}\n"))?;
    client
        .hears(format!("Hello, {name}!\n"))
        .map_err(|failure| {
            let silent = matches!(&failure.bytes, Some((_, heard)) if heard.is_empty());
            let other_end = failure.bytes.as_ref().is_some_and(|(expected, heard)| {
                let (same, _) = expected.split_at(expected.len() - 1);
                heard.strip_prefix(same).is_some_and(|end| end != b"\n")
            });
            match failure.kind {
                _ if other_end => {
                    failure.certain("the answer ends with \\n, and nothing else, after the `!`")
                }
                FailureKind::Timeout if silent => failure.certain(
                    "the line has ended, and no answer came: the program waits for more, or \
                     the answer waits in a buffer of its own",
                ),
                _ => failure.likely(
                    "between `Hello, ` and `!` stands the name, without the end of its line",
                ),
            }
        })?;
    client.hears_the_end().map_err(|failure| {
        failure
            .certain("after the greeting the connection is to be closed")
            .hint(1)
    })
}

fn crlf(stage: &mut Stage) -> Result<(), Failure> {
    let name = stage.word();
    greeted_without_crlf(stage, &name).map_err(|failure| {
        let cause = "one client was served, and then no other: accept belongs in a loop";
        stage.after_the_end(failure, cause)
    })
}

fn greeted_without_crlf(stage: &mut Stage, name: &str) -> Result<(), Failure> {
    let mut client = stage.client()?;
    client.says(format!("{name}\r\n"))?;
    client
        .hears(format!("Hello, {name}!\n"))
        .map_err(|failure| {
            let cause = "the end of a line may be \\r\\n, and is no part of the name";
            failure.likely(cause).hint(3)
        })?;
    client.hears_the_end()
}

fn pieces(stage: &mut Stage) -> Result<(), Failure> {
    let name = format!("{} {} {}", stage.word(), stage.word(), stage.word());
    let sizes = stage.sizes(6);
    let mut client = stage.client()?;
    let line = format!("{name}\n");
    client.says_apart([&line.as_bytes()[..1]])?;
    stage.takes_its_time(&client)?;
    let told = client.says_in_pieces(&line[1..], sizes);
    let heard = told.and_then(|()| client.hears(format!("Hello, {name}!\n")));
    heard.map_err(|failure| {
        let cause =
            "one recv was taken for the whole line: read on until the line has ended";
        failure
            .certain(cause)
            .hint(2)
            .read("Talk: two people in turn")
    })?;
    client.hears_the_end()
}

fn bytes(stage: &mut Stage) -> Result<(), Failure> {
    let mut name = stage.word().into_bytes();
    name.extend([0xe9, 0xff, b' ', 0xc3, 0xa9]); // é in Latin-1, no text, é in UTF-8
    name.extend(stage.word().into_bytes());
    let mut client = stage.client()?;
    client.says([&name[..], b"\n"].concat())?;
    let answer = [b"Hello, ", &name[..], b"!\n"].concat();
    client.hears(answer).map_err(|failure| {
        failure
            .certain("the name was taken for UTF-8: it is bytes")
            .hint(3)
            .read("Hear and answer")
    })?;
    client.hears_the_end()
}

fn leaves(stage: &mut Stage) -> Result<(), Failure> {
    let name = stage.word();
    let mut client = stage.client()?;
    client.says(&name)?;
    client.half_closes();
    client.hears_the_end().map_err(|failure| {
        let cause = match failure.bytes {
            Some(_) => "the line had no end: that it was complete is only guessed",
            None => {
                "the client's end is the end of its turn: its connection is closed, too"
            }
        };
        failure.certain(cause).hint(2)
    })
}
