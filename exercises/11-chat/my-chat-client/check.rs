//! `my-chat-client`: the task, and what its check does.

use std::time::Duration;

use checker::{
    ANSWER, Exercise, Failure, FailureKind, Kind, Peer, Stage, Step, quoted, said,
    wakes_at_once,
};

/// The exercise, and the steps of its check.
pub const EXERCISE: Exercise = Exercise {
    name: "my-chat-client",
    lesson: "11-chat",
    kind: Kind::Build,
    task: "write a client that hears its keyboard and its server at the same time",
    section: "The client",
    hints: [
        "Two things can happen at any time. Put both into one select, or give each a \
         thread; wait for neither of them alone.",
        "Read once from who is ready, and pass on just these bytes. Standard output keeps \
         half a line until it is flushed. The keyboard needs a File, without a buffer.",
        "0 from the keyboard: server.shutdown(Shutdown::Write), and watch it no more. 0 \
         from the server: Ok if the keyboard had ended before, else an error.",
    ],
    steps: &[
        Step {
            says: "the program connects to the address that it is given",
            play: connects,
        },
        Step {
            says: "a line of the server is printed, though nothing was typed",
            play: server_speaks,
        },
        Step {
            says: "half a line of the server is printed at once, too",
            play: half_a_line,
        },
        Step {
            says: "a line that was typed reaches the server, though it said nothing",
            play: keyboard_speaks,
        },
        Step {
            says: "both in any order, and several lines typed together",
            play: any_order,
        },
        Step {
            says: "bytes that are no text pass unchanged, both ways",
            play: any_bytes,
        },
        Step {
            says: "at the end of the keyboard the server is told, and still heard",
            play: keyboard_ends,
        },
        Step {
            says: "all that was typed arrives, also where the server reads late",
            play: reads_late,
        },
        Step {
            says: "when the server goes away, the program says so and ends with an error",
            play: server_ends,
        },
        Step {
            says: "the same when the server resets",
            play: server_resets,
        },
        Step {
            says: "the same when it resets after the end of the keyboard",
            play: resets_after_the_end,
        },
        Step {
            says: "the same when it has gone just before a line is typed",
            play: typed_to_nobody,
        },
    ],
};

/// Starts the program, and lets it in.
fn server(stage: &mut Stage) -> Result<Peer, Failure> {
    let door = stage.door()?;
    stage.starts([door.address().to_string()])?;
    let cause = "the program is to connect to its first argument";
    let comes = door.lets_in(stage.program()?);
    comes.map_err(|failure| failure.likely(cause))
}

fn connects(stage: &mut Stage) -> Result<(), Failure> {
    server(stage).map(drop)
}

fn server_speaks(stage: &mut Stage) -> Result<(), Failure> {
    let line = stage.word() + "\n";
    let mut server = server(stage)?;
    server.says(&line)?;
    let printed = stage.program()?.has_printed(line.as_bytes());
    printed.map_err(|failure| match failure.kind {
        FailureKind::Timeout if server.is_unread() => failure.likely(DEAF),
        FailureKind::Timeout => failure.likely(KEPT),
        _ => failure.likely(UNCHANGED),
    })
}

fn half_a_line(stage: &mut Stage) -> Result<(), Failure> {
    let (half, rest) = (stage.word(), stage.word());
    let mut server = server(stage)?;
    server.says(&half)?;
    let printed = stage.program()?.has_printed(half.as_bytes());
    printed.map_err(|failure| match failure.kind {
        FailureKind::Timeout => {
            let cause = "half a line waits for its end: standard output keeps it until it \
                         is flushed, or your program reads whole lines";
            failure.likely(cause)
        }
        _ => failure.likely(UNCHANGED),
    })?;
    server.says(&rest)?;
    let printed = stage.program()?.has_printed((half + &rest).as_bytes());
    printed.map_err(|failure| match failure.kind {
        FailureKind::Timeout => failure.likely(DEAF),
        _ => failure.likely(UNCHANGED),
    })
}

const DEAF: &str = "the server may speak at any time: your program waits for the keyboard, \
                    and does not hear it";

const KEPT: &str = "your program has received the line, and keeps it: standard output has a \
                    buffer, which is to be flushed";

const UNCHANGED: &str = "what comes is passed on byte for byte: nothing is added, nothing is \
                         taken away, and it need be no text";

fn keyboard_speaks(stage: &mut Stage) -> Result<(), Failure> {
    let line = stage.word() + "\n";
    let mut server = server(stage)?;
    stage.program()?.types(&line)?;
    server.hears(&line).map_err(|failure| match failure.kind {
        FailureKind::Timeout => {
            let cause = "a line was typed: your program waits for the server, and does not \
                         see it";
            failure.certain(cause)
        }
        _ => failure.likely(UNCHANGED),
    })
}

fn any_order(stage: &mut Stage) -> Result<(), Failure> {
    let mut server = server(stage)?;
    let mut printed = Vec::new();
    let mut order: Vec<(bool, String)> = Vec::new();
    for _ in 0..4 {
        order.push((stage.chance.bool(), stage.word()));
    }
    for types in [true, true, false, false, true] {
        order.push((types, stage.word()));
    }
    // An empty line is a line.
    order.extend([true, false].map(|types| (types, String::new())));
    let orders = ["exit", "quit", "/quit", "."];
    order.extend(orders.map(|word| (true, word.to_string())));
    for (types, line) in order {
        let cause = if line.is_empty() {
            "a line with nothing in it is passed on like any other"
        } else if orders.contains(&line.as_str()) {
            "a word was taken for an order: there is none, every line is passed on"
        } else {
            "only one of the two is heard: your program waits for the other one"
        };
        let line = line + "\n";
        let done = if types {
            stage.program()?.types(&line)?;
            server.hears(&line)
        } else {
            server.says(&line)?;
            printed.extend(line.bytes());
            stage.program()?.has_printed(&printed)
        };
        done.map_err(|failure| failure.certain(cause))?;
    }
    wakes_at_once(|| {
        let line = stage.word() + "\n";
        server.says(&line)?;
        printed.extend(line.bytes());
        stage.program()?.has_printed(&printed)
    })?;
    wakes_at_once(|| {
        let line = stage.word() + "\n";
        stage.program()?.types(&line)?;
        server.hears(&line)
    })?;
    let lines = [stage.word(), stage.word(), stage.word()].join("\n") + "\n";
    stage.program()?.types(&lines)?;
    server.hears(&lines).map_err(|failure| {
        let cause = "the other lines were read, and are in a buffer of your program: select \
                     asks the kernel, which has nothing any more";
        failure.certain(cause)
    })
}

fn any_bytes(stage: &mut Stage) -> Result<(), Failure> {
    let bytes = |stage: &mut Stage| {
        let start = *b"\xff\r\n \0 blanks\t \n"; // blanks at a line's ends are bytes, too
        [&start, &stage.bytes(20_000)[..], &[0xe9, b'\n']].concat()
    };
    let (said, typed) = (bytes(stage), bytes(stage));
    let mut server = server(stage)?;
    server.says(&said)?;
    let printed = stage.program()?.has_printed(&said);
    printed.map_err(|failure| failure.likely(UNCHANGED))?;
    stage.program()?.types(&typed)?;
    let heard = server.hears(&typed);
    heard.map_err(|failure| failure.certain(UNCHANGED))
}

fn keyboard_ends(stage: &mut Stage) -> Result<(), Failure> {
    let (last, answers) = (stage.word(), [stage.word(), stage.word()]);
    let mut server = server(stage)?;
    let program = stage.program()?;
    program.sleeps().map_err(|failure| {
        failure.certain("it asks again and again, and never sleeps, though nobody speaks")
    })?;
    program.rests()?;
    program.types(&last)?;
    program.closes_keyboard();
    server.hears(&last).map_err(|failure| {
        let cause = "what was typed last had no end of line when the keyboard ended: it is \
                     sent all the same";
        failure.certain(cause).hint(2)
    })?;
    server.hears_the_end().map_err(|failure| {
        let cause = match failure.bytes {
            Some(_) => UNCHANGED,
            None => {
                "at the end of the keyboard the sending half is to be shut down: so the \
                 server knows that nothing more comes"
            }
        };
        failure.certain(cause).hint(2)
    })?;
    program.sleeps().map_err(|failure| {
        let cause = "a keyboard that has ended is readable for ever: it must no longer be \
                     asked";
        failure.certain(cause).hint(2)
    })?;
    let cause =
        "the keyboard has ended, the server has not: what it still says is printed";
    if program.wait(MOMENT).is_ok() {
        let expected = "a program that waits for what the server says";
        let failure = Failure::new(expected, "its end");
        return Err(failure.certain(cause).hint(2));
    }
    let waited = stage.takes_its_time_after_the_end(&server);
    waited.map_err(|failure| failure.certain(cause).hint(2))?;
    let mut printed = String::new();
    for answer in &answers {
        printed += answer;
        let said = server.says(answer);
        said.and_then(|()| stage.program()?.has_printed(printed.as_bytes()))
            .map_err(|failure| failure.likely(cause).hint(2))?;
    }
    drop(server);
    let ended = stage.program()?.ends_well();
    ended.map_err(|failure| failure.likely("both have ended, and nothing was wrong"))?;
    prints_no_more(stage, printed.as_bytes())
}

/// How long the server's silence must at least be waited for after the keyboard's end.
const MOMENT: Duration = Duration::from_millis(120);

/// More than the kernel keeps for a server that does not receive.
const MUCH: usize = 300_000;

/// The server receives nothing until the program has no room for more.
fn reads_late(stage: &mut Stage) -> Result<(), Failure> {
    let text = stage.bytes(MUCH);
    let door = stage.narrow_door()?;
    stage.starts([door.address().to_string()])?;
    let mut server = door.lets_in(stage.program()?)?;
    let program = stage.program()?;
    program.pastes(text.clone());
    program.sleeps().map_err(|failure| {
        failure
            .certain("it tries again and again where there is no room for what was typed")
    })?;
    server.acknowledges_at_once();
    let heard = server.hears_many(&text);
    heard.and_then(|()| server.hears_the_end()).map_err(|failure| {
        let cause = match failure.is_cut_off() {
            true => {
                "what write does not take is to be sent later, and after the keyboard's end \
                 the sending is shut down when all of it is sent"
            }
            false => {
                "where there is little room, write takes a part of the bytes: the others are \
                 lost if they are not sent next"
            }
        };
        failure.certain(cause).hint(2)
    })?;
    drop(server);
    stage.program()?.ends_well()
}

fn server_ends(stage: &mut Stage) -> Result<(), Failure> {
    let line = stage.word() + "\n";
    let mut server = server(stage)?;
    let program = stage.program()?;
    program.sleeps()?;
    program.stops()?; // so the line and the end lie there together when it looks
    server.says(&line)?;
    drop(server);
    program.goes_on()?;
    let printed = program.prints(&quoted(line.as_bytes()), |all| {
        all.starts_with(line.as_bytes()).then_some(())
    });
    printed.map_err(|failure| {
        let cause = "bytes and the end of the stream were there at the same time: what \
                     came before the end goes out first";
        failure.likely(cause)
    })?;
    says_so(stage, line.as_bytes())
}

fn server_resets(stage: &mut Stage) -> Result<(), Failure> {
    server(stage)?.resets();
    says_so(stage, b"")
}

fn resets_after_the_end(stage: &mut Stage) -> Result<(), Failure> {
    let mut server = server(stage)?;
    stage.program()?.closes_keyboard();
    server.hears_the_end()?;
    server.resets();
    says_so(stage, b"")
}

/// The program is stopped meanwhile, so that it finds all of it at once: the server's end,
/// then its reset, and a line that was typed.
fn typed_to_nobody(stage: &mut Stage) -> Result<(), Failure> {
    let line = stage.word() + "\n";
    let server = server(stage)?;
    let program = stage.program()?;
    program.stops()?;
    server.half_closes();
    server.resets();
    program.types(&line)?;
    program.goes_on()?;
    says_so(stage, b"")
}

/// Standard output holds this, and nothing more.
fn prints_no_more(stage: &mut Stage, printed: &[u8]) -> Result<(), Failure> {
    let output = stage.program()?.output();
    if output == printed {
        return Ok(());
    }
    let expected = format!("{} on standard output, and no more", quoted(printed));
    let cause = "standard output is for what the server says, and for nothing else";
    Err(Failure::new(expected, quoted(&output)).likely(cause))
}

/// The server has gone, and nobody presses a key.
fn says_so(stage: &mut Stage, printed: &[u8]) -> Result<(), Failure> {
    let program = stage.program()?;
    let status = program.wait(ANSWER).map_err(|failure| {
        let cause =
            "the server has gone, and your program still waits, perhaps for a key";
        failure.certain(cause).read("The server goes away")
    })?;
    let program = stage.program()?;
    let complaints = program.complaints();
    let expected = "a sentence on standard error, and exit code 1";
    let failure = if status.success() {
        Failure::new(expected, "exit code 0").likely(
            "the server has left in the middle of a chat, or was reset: that is no good end",
        )
    } else if status.code().is_none() {
        Failure::new(expected, said(status)) // which one, and why, is added to it
    } else if complaints.contains("panicked at") {
        Failure::new(expected, "a panic").certain(
            "that a server goes away is no bug of the program: no panic, a sentence",
        )
    } else if status.code() != Some(1) {
        Failure::new(expected, said(status)).likely("the exit code is to be 1")
    } else if complaints.trim().is_empty() {
        prints_no_more(stage, printed)?;
        Failure::new(expected, "nothing on standard error")
            .likely("whoever sits there is to be told why the program has ended")
    } else {
        return prints_no_more(stage, printed);
    };
    Err(failure.hint(2).read("The server goes away"))
}
