//! The exercises of lesson 11, and what their checks do.

use crate::{ANSWER, Exercise, Kind, Peer, Stage, Step, Trouble};

/// All of them, in the order of the chapter.
pub const EXERCISES: &[Exercise] = &[MY_CHAT_CLIENT, SLOW_READER];

const MY_CHAT_CLIENT: Exercise = Exercise {
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
            says: "when the server goes away, the program says so and ends with an error",
            play: server_ends,
        },
        Step {
            says: "the same when the server resets",
            play: server_resets,
        },
    ],
};

/// Starts the program, and lets it in.
fn server(stage: &mut Stage) -> Result<Peer, Trouble> {
    let door = stage.door()?;
    stage.starts([door.address().to_string()])?;
    let cause = "the program is to connect to its first argument";
    door.lets_in().map_err(|trouble| trouble.because(cause))
}

fn connects(stage: &mut Stage) -> Result<(), Trouble> {
    server(stage).map(drop)
}

fn server_speaks(stage: &mut Stage) -> Result<(), Trouble> {
    let line = stage.word() + "\n";
    let mut server = server(stage)?;
    server.says(&line)?;
    let printed = stage.program()?.has_printed(line.as_bytes());
    printed.map_err(|trouble| trouble.because(DEAF))
}

fn half_a_line(stage: &mut Stage) -> Result<(), Trouble> {
    let (half, rest) = (stage.word(), stage.word());
    let mut server = server(stage)?;
    server.says(&half)?;
    let printed = stage.program()?.has_printed(half.as_bytes());
    printed.map_err(|trouble| match trouble.kind {
        crate::TroubleKind::Timeout => {
            let cause = "half a line waits for its end in a buffer: standard output keeps \
                         it until it is flushed";
            trouble.because(cause).hint(2)
        }
        _ => trouble.because(UNCHANGED).hint(2),
    })?;
    server.says(&rest)?;
    let printed = stage.program()?.has_printed((half + &rest).as_bytes());
    printed.map_err(|trouble| match trouble.kind {
        crate::TroubleKind::Timeout => trouble.because(DEAF),
        _ => trouble.because(UNCHANGED).hint(2),
    })
}

const DEAF: &str = "the server may speak at any time: your program waits for the keyboard, \
                    and does not hear it";

const UNCHANGED: &str = "what comes is passed on byte for byte: nothing is added, nothing is \
                         taken away, and it need be no text";

fn keyboard_speaks(stage: &mut Stage) -> Result<(), Trouble> {
    let line = stage.word() + "\n";
    let mut server = server(stage)?;
    stage.program()?.types(&line)?;
    server.hears(&line).map_err(|trouble| match trouble.kind {
        crate::TroubleKind::Timeout => {
            let cause = "a line was typed: your program waits for the server, and does not \
                         see it";
            trouble.surely(cause)
        }
        _ => trouble.because(UNCHANGED).hint(2),
    })
}

fn any_order(stage: &mut Stage) -> Result<(), Trouble> {
    let mut server = server(stage)?;
    let mut printed = Vec::new();
    let mut order: Vec<bool> = (0..4).map(|_| stage.chance.bool()).collect();
    order.extend([true, true, false, false, true]);
    for types in order {
        let cause = "only one of the two is heard: your program waits for the other one";
        let line = stage.word() + "\n";
        let done = if types {
            stage.program()?.types(&line)?;
            server.hears(&line)
        } else {
            server.says(&line)?;
            printed.extend(line.bytes());
            stage.program()?.has_printed(&printed)
        };
        done.map_err(|trouble| trouble.surely(cause))?;
    }
    let lines = [stage.word(), stage.word(), stage.word()].join("\n") + "\n";
    stage.program()?.types(&lines)?;
    server.hears(&lines).map_err(|trouble| {
        let cause = "the other lines were read, and are in a buffer of your program: select \
                     asks the kernel, which has nothing any more";
        trouble.surely(cause).hint(2)
    })
}

fn any_bytes(stage: &mut Stage) -> Result<(), Trouble> {
    let bytes = |stage: &mut Stage| {
        let start = [0xff, b'\r', b'\n', 0];
        [&start, &stage.bytes(3000)[..], &[0xe9, b'\n']].concat()
    };
    let (said, typed) = (bytes(stage), bytes(stage));
    let mut server = server(stage)?;
    server.says(&said)?;
    let printed = stage.program()?.has_printed(&said);
    printed.map_err(|trouble| trouble.because(UNCHANGED).hint(2))?;
    stage.program()?.types(&typed)?;
    let heard = server.hears(&typed);
    heard.map_err(|trouble| trouble.surely(UNCHANGED).hint(2))
}

fn keyboard_ends(stage: &mut Stage) -> Result<(), Trouble> {
    let (last, answer) = (stage.word(), stage.word());
    let mut server = server(stage)?;
    let program = stage.program()?;
    program.sleeps().map_err(|trouble| {
        trouble.surely("it asks again and again, and never sleeps, though nobody speaks")
    })?;
    program.types(&last)?;
    program.closes_keyboard();
    server
        .hears(&last)
        .and_then(|()| server.hears_the_end())
        .map_err(|trouble| {
            let cause = "at the end of the keyboard the sending half is to be shut down: so \
                         the server knows that nothing more comes";
            trouble.surely(cause).hint(3)
        })?;
    program.sleeps().map_err(|trouble| {
        let cause = "a keyboard that has ended is readable for ever: it must no longer be \
                     asked";
        trouble.surely(cause).hint(3)
    })?;
    let cause =
        "the keyboard has ended, the server has not: what it still says is printed";
    server
        .says(&answer)
        .map_err(|trouble| trouble.surely(cause).hint(3))?;
    let printed = program.has_printed(answer.as_bytes());
    printed.map_err(|trouble| trouble.because(cause).hint(3))?;
    drop(server);
    let ended = program.ends_well();
    ended.map_err(|trouble| trouble.because("both have ended, and nothing was wrong"))
}

fn server_ends(stage: &mut Stage) -> Result<(), Trouble> {
    let line = stage.word() + "\n";
    let mut server = server(stage)?;
    server.says(&line)?;
    stage.program()?.has_printed(line.as_bytes())?;
    drop(server);
    says_so(stage)
}

fn server_resets(stage: &mut Stage) -> Result<(), Trouble> {
    server(stage)?.resets();
    says_so(stage)
}

/// The server has gone, and nobody presses a key.
fn says_so(stage: &mut Stage) -> Result<(), Trouble> {
    let program = stage.program()?;
    let status = program.wait(ANSWER).map_err(|trouble| {
        let cause =
            "the server has gone, and your program still waits, perhaps for a key";
        trouble.surely(cause).read("The server goes away")
    })?;
    let program = stage.program()?;
    let complaints = program.complaints();
    let expected = "a sentence on standard error, and an exit code that is not 0";
    let trouble = if status.success() {
        Trouble::fail(expected, "exit code 0")
            .because("the server has left in the middle of a chat: that is no good end")
    } else if complaints.contains("panicked at") {
        Trouble::fail(expected, "a panic").surely(
            "that a server goes away is no bug of the program: no panic, a sentence",
        )
    } else if complaints.trim().is_empty() {
        Trouble::fail(expected, "nothing on standard error")
            .because("whoever sits there is to be told why the program has ended")
    } else {
        return Ok(());
    };
    Err(trouble.hint(3).read("The server goes away"))
}

const SLOW_READER: Exercise = Exercise {
    name: "slow-reader",
    lesson: "11-chat",
    kind: Kind::Repair,
    task: "keep a chat alive in which one client does not read",
    section: "Broadcast",
    hints: [
        "Suspend one nc with Ctrl+Z, let another one talk without a break, and look with \
         `strace -p PID` in which call the server sleeps.",
        "write_all waits until the kernel has room for all of it, and room comes only when \
         that client reads. A socket can be told not to wait: set_nonblocking(true).",
        "write then takes a part, or fails with WouldBlock. Keep the rest in a queue of \
         that client's, ask select for room only while there is a rest, and drop who lets \
         too much pile up. Or drop it at once: then no queue is needed.",
    ],
    steps: &[
        Step {
            says: "the program listens on the address that it is given",
            play: listens,
        },
        Step {
            says: "each one who comes in is welcomed",
            play: welcome,
        },
        Step {
            says: "a line reaches all the others unchanged, and not the one who said it",
            play: a_line,
        },
        Step {
            says: "a line that comes in pieces stays whole among the others'",
            play: pieces,
        },
        Step {
            says: "while nobody speaks, the server sleeps",
            play: sleeps,
        },
        Step {
            says: "one leaves, one resets, and the others go on",
            play: leave,
        },
        Step {
            says: "one does not read, and the others still hear each other",
            play: one_does_not_read,
        },
    ],
};

fn listens(stage: &mut Stage) -> Result<(), Trouble> {
    stage.starts_server()
}

/// A client that is in: it has been welcomed.
fn comes_in(stage: &mut Stage) -> Result<Peer, Trouble> {
    let mut client = stage.client()?;
    client.hears("welcome\n").map_err(|trouble| {
        trouble.surely("everybody is to be let in and welcomed, whoever is here already")
    })?;
    Ok(client)
}

fn welcome(stage: &mut Stage) -> Result<(), Trouble> {
    let _first = comes_in(stage)?;
    comes_in(stage).map(drop)
}

fn a_line(stage: &mut Stage) -> Result<(), Trouble> {
    let mut clients = [comes_in(stage)?, comes_in(stage)?, comes_in(stage)?];
    let line = [b"\xff\0\r", &stage.bytes(40)[..], b"\n\n"].concat();
    let answer = stage.word() + "\n";
    clients[0].says(&line)?;
    for other in [1, 2] {
        let heard = clients[other].hears(&line);
        heard.map_err(|trouble| match trouble.kind {
            crate::TroubleKind::Timeout => {
                trouble.surely("what one client says goes to all the others at once")
            }
            _ => trouble.because("a line is bytes, and is passed on unchanged"),
        })?;
    }
    clients[1].says(&answer)?;
    for other in [0, 2] {
        let heard = clients[other].hears(&answer);
        heard.map_err(|trouble| {
            trouble.because("nobody is to hear what it has said itself, only the others")
        })?;
    }
    Ok(())
}

fn pieces(stage: &mut Stage) -> Result<(), Trouble> {
    let (half, rest, line) = (stage.word(), stage.word(), stage.word());
    let mut clients = [comes_in(stage)?, comes_in(stage)?, comes_in(stage)?];
    clients[0].says(&half)?;
    std::thread::sleep(crate::PAUSE); // not to wait for anything: this is the split
    clients[1].says(format!("{line}\n"))?;
    let cause = "one read was taken for one line: half a line must wait for its end";
    let heard = clients[2].hears(format!("{line}\n"));
    heard.map_err(|trouble| trouble.because(cause).read("Lines in pieces"))?;
    clients[0].says(format!("{rest}\n"))?;
    let whole = format!("{half}{rest}\n");
    let heard = clients[2].hears(&whole);
    heard.map_err(|trouble| trouble.because(cause).read("Lines in pieces"))?;
    // Who has read all can leave without a reset.
    clients[0].hears(format!("{line}\n"))?;
    clients[1].hears(&whole)
}

fn leave(stage: &mut Stage) -> Result<(), Trouble> {
    let line = stage.word() + "\n";
    let mut clients = [comes_in(stage)?, comes_in(stage)?];
    let (leaves, resets) = (comes_in(stage)?, comes_in(stage)?);
    let at_rest = |stage: &mut Stage| {
        stage.program()?.sleeps().map_err(|trouble| {
            let cause =
                "a client that has ended is readable for ever: take it out of the list";
            trouble.surely(cause).read("Leave")
        })
    };
    // One after the other: in one round, the write for the one could meet the other's reset,
    // and then the read would not.
    drop(leaves);
    at_rest(stage)?;
    resets.resets();
    at_rest(stage)?;
    let heard = clients[0]
        .says(&line)
        .and_then(|()| clients[1].hears(&line));
    heard.map_err(|trouble| {
        let cause = "a client that has gone ended more than itself";
        trouble.surely(cause).read("Leave")
    })
}

fn sleeps(stage: &mut Stage) -> Result<(), Trouble> {
    let _clients = [comes_in(stage)?, comes_in(stage)?];
    stage.program()?.sleeps().map_err(|trouble| {
        let cause = "it runs in circles: a socket has room nearly always, so ask for room \
                     only while something waits";
        trouble.surely(cause).hint(3).read("The loop")
    })
}

fn one_does_not_read(stage: &mut Stage) -> Result<(), Trouble> {
    let mut clients = [comes_in(stage)?, comes_in(stage)?, comes_in(stage)?];
    let [slow, talks, listens] = &mut clients;
    listens.acknowledges_at_once();
    // More than the kernel keeps for one connection.
    let line = [&vec![b'x'; stage.chance.usize(900..1100)][..], b"\n"].concat();
    let much = line.repeat(ROUND / line.len());
    let mut said = Vec::new();
    for round in 0..ROUNDS {
        let lines = [format!("{round}\n").as_bytes(), &much].concat();
        let passed = talks.says(&lines).and_then(|()| listens.hears(&lines));
        passed.map_err(|trouble| match trouble.kind {
            crate::TroubleKind::Timeout => {
                let cause = "your server waits for room for the one who does not read, and \
                             all the others wait with it";
                trouble.surely(cause).hint(2).read("A client that does not read")
            }
            _ => {
                let cause = "one client did not read, and others have lost their \
                             connection or lines with it";
                trouble.surely(cause).hint(3)
            }
        })?;
        said.extend(lines);
    }
    stage.program()?.sleeps().map_err(|trouble| {
        let cause = "it tries again and again where there is no room: ask select for it";
        trouble.surely(cause).hint(3)
    })?;
    // Now it reads: all of it, or the beginning and then the end.
    let Err(trouble) = slow.hears(&said) else {
        return Ok(());
    };
    let heard = trouble.bytes.as_ref().map_or(&[][..], |(_, heard)| heard);
    let (expected, no_hole) = ("what was said, without holes", said.starts_with(heard));
    match trouble.kind {
        crate::TroubleKind::Fail if no_hole => Ok(()), // dropped
        _ => {
            let seen = format!("{} bytes of {}, then others", heard.len(), said.len());
            let seen = if no_hole { trouble.seen } else { seen };
            let cause = "write takes a part, or nothing: the rest was forgotten, and so \
                         there is a hole in what this client gets";
            Err(Trouble::fail(expected, seen).because(cause).hint(3))
        }
    }
}

const ROUND: usize = 64 * 1024;
const ROUNDS: usize = 96;
