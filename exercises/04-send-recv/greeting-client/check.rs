//! `greeting-client`: the task, and what its check does.

use std::thread;
use std::time::Duration;

use checker::{ANSWER, Door, Exercise, Failure, Kind, Peer, Stage, Step, quoted, said};

use crate::send_recv::{NAMES, fails};

/// The exercise, and the steps of its check.
pub const EXERCISE: Exercise = Exercise {
    name: "greeting-client",
    lesson: "04-send-recv",
    kind: Kind::Build,
    task: "send a name as a line, and print the line that greets it",
    section: "Step 2: recv until 0",
    hints: [
        "recv gives what has come: a part of the line, all of it, or more than that. Only the \
         end of the line, \\n, says that the greeting is whole.",
        "Collect what recv gives in a Vec<u8> until there is a b'\\n' in it. 0 before that is \
         an error, and what stands behind the b'\\n' is not printed. No String anywhere.",
        "line.iter().position(|byte| *byte == b'\\n') finds the end, line.truncate(end + 1) \
         keeps it, io::stdout().write_all(&line) prints it. name.contains(['\\n', '\\r']) is \
         asked before anything is sent.",
    ],
    steps: &[
        Step {
            says: "it connects to the address that it is given, and sends the name as a line",
            play: introduces,
        },
        Step {
            says: "the server's line is printed as it came, and nothing else",
            play: greeted,
        },
        Step {
            says: "a greeting that comes in pieces is one greeting",
            play: greeted_in_pieces,
        },
        Step {
            says: "a greeting in bytes that are no UTF-8 is printed unchanged",
            play: greeted_in_bytes,
        },
        Step {
            says: "blanks and \\r before the end of the line are printed, too",
            play: greeted_with_blanks,
        },
        Step {
            says: "a long greeting is printed to its end",
            play: greeted_at_length,
        },
        Step {
            says: "what comes after the line is not printed",
            play: greeted_and_more,
        },
        Step {
            says: "a server that does not close its connection is not waited for",
            play: greeted_and_kept,
        },
        Step {
            says: "a server that closes without an answer is an error",
            play: not_greeted,
        },
        Step {
            says: "a server that closes in the middle of its line is an error, too",
            play: half_greeted,
        },
        Step {
            says: "a connection that is reset before the line has ended is an error, too",
            play: reset_in_line,
        },
        Step {
            says: "any name is sent as it is: with blanks, in any alphabet, empty",
            play: odd_names,
        },
        Step {
            says: "a name with a line end in it is an error, and is not sent",
            play: two_names,
        },
    ],
};

/// Waits for the program to connect or to end; none: it has ended first.
fn who_comes(stage: &mut Stage, door: &Door) -> Result<Option<Peer>, Failure> {
    let mut wait = stage.waits(ANSWER);
    while !wait.is_over() {
        let ended = stage.program()?.ended().is_some();
        if let Some(peer) = door.lets_in_who_waits()? {
            return Ok(Some(peer));
        }
        if ended {
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(1)); // between two looks
    }
    let seen = format!("nothing of both for {ANSWER:?}");
    Err(Failure::timeout("a connection, or the program's end", seen))
}

/// Starts the client with HOST:PORT and this name, and takes its line.
fn sends_name(stage: &mut Stage, name: &str) -> Result<(Peer, Vec<u8>), Failure> {
    const FIRST: &str = "the program is to connect to its first argument";
    let door = stage.door()?;
    stage.starts([door.address().to_string(), name.to_string()])?;
    let came = who_comes(stage, &door).map_err(|failure| failure.likely(FIRST))?;
    let Some(mut server) = came else {
        let expected = format!("a connection to {}", door.address());
        let failure = Failure::new(expected, "the program ended without one");
        return Err(failure.likely(FIRST));
    };
    let mut sent = server.hears_just(1).map_err(|failure| {
        let expected = "a line with the name".to_string();
        Failure {
            expected,
            ..failure
        }
        .likely("the client speaks first: the server waits for the name")
        .read("The idea")
    })?;
    if sent != b"\n" {
        let rest = server.hears_through(b"\n", 8192).map_err(|failure| {
            let cause = "the name is sent without the end of its line, and the server waits \
                         for that";
            failure.likely(cause).hint(1).read("The idea")
        })?;
        sent.extend(rest);
    }
    Ok((server, sent))
}

/// What a server says to this name, in words of its own.
fn words_for(stage: &mut Stage, name: &str) -> String {
    format!("{} {}, {name}", stage.word(), stage.word())
}

fn introduces(stage: &mut Stage) -> Result<(), Failure> {
    let name = format!("{} {}", stage.word(), stage.word());
    let (mut server, sent) = sends_name(stage, &name)?;
    // It gets its greeting first: that the name was wrong is to be no panic besides.
    server.says(format!("Hello, {name}!\n"))?;
    server.half_closes();
    // How it ends is for the next step.
    let more = server.hears_all(8192).unwrap_or_default();
    let line = format!("{name}\n");
    let fail = |cause: &str| {
        let failure = Failure::new(
            quoted(line.as_bytes()),
            quoted(&[&sent[..], &more].concat()),
        );
        Err(failure.certain(cause).read("The idea"))
    };
    let named = sent.windows(name.len()).any(|part| part == name.as_bytes());
    let whole = sent == line.as_bytes() || sent == format!("{name}\r\n").as_bytes();
    match (named, whole && more.is_empty()) {
        (false, _) => fail("the name is the program's second argument"),
        (true, false) => fail("the line is the name and its end, and there is no second"),
        (true, true) => comes_by_name(stage),
    }
}

fn comes_by_name(stage: &mut Stage) -> Result<(), Failure> {
    let door = stage.door()?;
    let address = stage.named_door(&door)?;
    let name = stage.word();
    stage.starts([address.clone(), name])?;
    match who_comes(stage, &door)? {
        Some(_) => Ok(()),
        None => {
            let expected = format!("a connection to {address}");
            let failure = Failure::new(expected, "the program ended without one");
            Err(failure.certain(NAMES))
        }
    }
}

/// Answers in these pieces and closes, and expects this greeting on standard output.
fn prints_greeting(
    stage: &mut Stage,
    name: &str,
    pieces: &[&[u8]],
    greeting: &[u8],
) -> Result<(), Failure> {
    let (mut server, _) = sends_name(stage, name)?;
    server.says_apart(pieces.iter().copied())?;
    server.half_closes();
    stage.program()?.ends_well()?;
    shows(stage, greeting)
}

/// Expects exactly this on standard output of a program that has ended.
fn shows(stage: &mut Stage, greeting: &[u8]) -> Result<(), Failure> {
    let output = stage.program()?.output();
    if output == greeting {
        return Ok(());
    }
    let failure = Failure::new(quoted(greeting), quoted(&output));
    Err(Failure {
        bytes: Some((greeting.to_vec(), output)),
        ..failure
    })
}

fn greeted(stage: &mut Stage) -> Result<(), Failure> {
    let name = stage.word();
    let greeting = words_for(stage, &name) + "\n";
    let bytes = greeting.as_bytes();
    prints_greeting(stage, &name, &[bytes], bytes).map_err(|failure| {
        let Some((_, output)) = &failure.bytes else {
            return failure;
        };
        let rest = output.strip_prefix(bytes);
        let cause = if output.is_empty() {
            "the greeting is printed on standard output"
        } else if *output == greeting.trim_end().as_bytes() {
            "the end of the line is a part of it, and is printed, too"
        } else if rest.is_some_and(|rest| rest.iter().all(|byte| *byte == 0)) {
            "the whole buffer was printed: recv says how many bytes of it have come"
        } else if rest == Some(b"\n") {
            "the line has an end already, and got a second one"
        } else if output.windows(bytes.len()).any(|part| part == bytes) {
            "something was printed beside the greeting"
        } else {
            "the greeting is what the server sends, in whatever words"
        };
        failure.certain(cause)
    })
}

fn greeted_in_pieces(stage: &mut Stage) -> Result<(), Failure> {
    let name = stage.word();
    let greeting = words_for(stage, &name) + "\n";
    // The end of the line comes alone, too.
    let (line, end) = greeting.as_bytes().split_at(greeting.len() - 1);
    let (first, rest) = line.split_at(stage.chance.usize(1..line.len() - 1));
    let (second, third) = rest.split_at(1);
    let (mut server, _) = sends_name(stage, &name)?;
    server.says_apart([first])?;
    stage.takes_its_time(&server)?;
    let told = server.says_apart([second, third, end]);
    server.half_closes();
    let ended = told.and_then(|()| stage.program()?.ends_well());
    ended
        .and_then(|()| shows(stage, greeting.as_bytes()))
        .map_err(|failure| {
            let cause =
                "one recv was taken for the whole line: receive until the line has ended";
            failure.certain(cause)
        })
}

fn greeted_in_bytes(stage: &mut Stage) -> Result<(), Failure> {
    let name = stage.word();
    let mut greeting = words_for(stage, &name).into_bytes();
    greeting.extend([0xe9, 0, 0xff, b' ', 0xc3, 0xa9, b'\n']); // é in Latin-1, then in UTF-8
    prints_greeting(stage, &name, &[&greeting], &greeting).map_err(|failure| {
        let cause = "the greeting was taken for text: it is bytes, and need not be UTF-8";
        failure
            .certain(cause)
            .hint(2)
            .read("Step 3: bytes and text")
    })
}

fn greeted_with_blanks(stage: &mut Stage) -> Result<(), Failure> {
    let name = stage.word();
    let greeting = format!(" \t{}\r \r\n", words_for(stage, &name));
    let bytes = greeting.as_bytes();
    prints_greeting(stage, &name, &[bytes], bytes).map_err(|failure| {
        let cause = "the line was trimmed: it is printed as it came, up to its \\n";
        failure
            .certain(cause)
            .hint(2)
            .read("Step 3: bytes and text")
    })
}

fn greeted_at_length(stage: &mut Stage) -> Result<(), Failure> {
    let name = stage.word();
    let words = words_for(stage, &name) + " ";
    // A line has at most 64 KiB, with its end: as this one.
    let most = words.chars().cycle().take((64 << 10) - 1);
    let greeting: String = most.chain(['\n']).collect();
    let bytes = greeting.as_bytes();
    prints_greeting(stage, &name, &[bytes], bytes).map_err(|failure| {
        let cause = "a greeting that is longer than one buffer was given up, or cut";
        failure.likely(cause).hint(2)
    })
}

fn greeted_and_more(stage: &mut Stage) -> Result<(), Failure> {
    let name = stage.word();
    let greeting = words_for(stage, &name) + "\n";
    let more = format!("{greeting}{}\n{}", stage.word(), stage.word());
    let pieces = [more.as_bytes()];
    prints_greeting(stage, &name, &pieces, greeting.as_bytes()).map_err(|failure| {
        let cause =
            "more than the line was printed: one recv may bring what comes after it";
        failure.certain(cause).hint(2)
    })
}

fn greeted_and_kept(stage: &mut Stage) -> Result<(), Failure> {
    let name = stage.word();
    let greeting = words_for(stage, &name) + "\n";
    let (mut server, _) = sends_name(stage, &name)?;
    server.says(&greeting)?;
    let ended = stage.program()?.ends_well();
    ended.map_err(|failure| {
        let cause = "it waits until the server closes, though the line has ended";
        failure.certain(cause).hint(1)
    })?;
    shows(stage, greeting.as_bytes())
}

/// Answers with these bytes only, and expects an error and no output.
fn gets_no_line(
    stage: &mut Stage,
    part: &[u8],
    cause: &'static str,
) -> Result<(), Failure> {
    let name = stage.word();
    let (mut server, _) = sends_name(stage, &name)?;
    if !part.is_empty() {
        server.says(part)?;
    }
    server.half_closes();
    let program = stage.program()?;
    let status = program.wait(ANSWER).map_err(|failure| {
        failure.certain("recv gave 0 and is asked again: it gives 0 for ever")
    })?;
    let output = program.output();
    if !output.is_empty() {
        let seen = format!("{}, and {}", quoted(&output), said(status));
        let half = !part.is_empty() && output.starts_with(part);
        let cause = if status.success() || half {
            cause
        } else {
            "what is wrong is said on standard error: the greeting alone is for standard \
             output"
        };
        return Err(Failure::new("no output", seen).certain(cause).hint(2));
    }
    if status.success() {
        let seen = said(status);
        return Err(Failure::new("an error message and exit code 1", seen)
            .certain(cause)
            .hint(2));
    }
    fails(stage, status.code(), said(status))
}

fn not_greeted(stage: &mut Stage) -> Result<(), Failure> {
    let cause = "recv gave 0 before a line had come: that is no greeting, and no success";
    gets_no_line(stage, b"", cause)
        .map_err(|failure| failure.read("The connection was closed early"))
}

fn half_greeted(stage: &mut Stage) -> Result<(), Failure> {
    let part = format!("{} {}", stage.word(), stage.word());
    let cause = "recv gave 0 before the end of the line: a part of one is an error, and not printed";
    gets_no_line(stage, part.as_bytes(), cause)
        .map_err(|failure| failure.read("The connection was closed early"))
}

fn reset_in_line(stage: &mut Stage) -> Result<(), Failure> {
    let name = stage.word();
    let part = format!("{} {}", stage.word(), stage.word());
    let (mut server, _) = sends_name(stage, &name)?;
    server.says_apart([part.as_bytes()])?;
    server.resets();
    let program = stage.program()?;
    let status = program.wait(ANSWER)?;
    let output = program.output();
    let cause = "a reset is no end of a line: the greeting is missing";
    if !output.is_empty() {
        let failure = Failure::new("no output", quoted(&output));
        return Err(failure.certain(cause).hint(2).read("Connection reset"));
    }
    fails(stage, status.code(), said(status))
        .map_err(|failure| failure.likely(cause).hint(2).read("Connection reset"))
}

fn odd_names(stage: &mut Stage) -> Result<(), Failure> {
    let blanks = format!(" {}  {}\t ", stage.word(), stage.word());
    let letters = format!("Zoë Ωμέγα {}", stage.word());
    let long = format!("{} ", stage.word()).repeat(400);
    for name in [blanks, letters, long, String::new()] {
        let sent = sends_name(stage, &name);
        let (mut server, sent) = sent.map_err(|failure| {
            let cause = "any name without a line end is a name, and sent: with blanks, in any \
                         alphabet, long, or empty";
            failure.certain(cause).hint(3)
        })?;
        // The shortest line is an end alone.
        server.says("\n")?;
        server.half_closes();
        let line = format!("{name}\n");
        // The end of a line is \r\n, too.
        if sent != line.as_bytes() && sent != format!("{name}\r\n").as_bytes() {
            let failure = Failure::new(quoted(line.as_bytes()), quoted(&sent));
            let cause = "a name is sent as it came: every blank and every byte of it";
            return Err(failure.certain(cause).hint(2));
        }
        stage.program()?.ends_well()?;
        shows(stage, b"\n").map_err(|failure| {
            failure.likely("a line may be its end alone: then this is what is printed")
        })?;
    }
    Ok(())
}

fn two_names(stage: &mut Stage) -> Result<(), Failure> {
    let [one, other, last] = [stage.word(), stage.word(), stage.word()];
    for name in [
        format!("{one}\n{other}"),
        format!("{other}\r{last}"),
        format!("{last}\n"),
    ] {
        let door = stage.door()?;
        stage.starts([door.address().to_string(), name])?;
        if let Some(mut server) = who_comes(stage, &door)?
            && let Ok(mut sent) = server.hears_just(1)
        {
            sent.extend(server.hears_through(b"\n", 8192).unwrap_or_default());
            let cause = "a line ends with \\n or \\r\\n: a name with one of these bytes is an \
                         error, and nothing of it is sent";
            let failure = Failure::new("an error, and nothing sent", quoted(&sent));
            return Err(failure.certain(cause).hint(3).read("A wrong path"));
        }
        let program = stage.program()?;
        let status = program.wait(ANSWER)?;
        fails(stage, status.code(), said(status))
            .map_err(|failure| failure.hint(3).read("A wrong path"))?;
    }
    Ok(())
}
