//! The exercises of lesson 07, and what their checks do.

use std::time::Duration;

use crate::{Exercise, Kind, Peer, Stage, Step, Trouble, TroubleKind};

/// All of them, in the order of the chapter.
pub const EXERCISES: &[Exercise] = &[THREADED_NAMES, WAITING_ROOM];

const THREADED_NAMES: Exercise = Exercise {
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
        "trim_ascii_end takes \\r and \\n off the bytes; b\"exit\" ends the thread's \
         function, and with it the stream. An error is returned, and ends one client.",
    ],
    steps: &[
        Step {
            says: "the program listens on the address that it is given",
            play: listens,
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
            says: "eight clients talk at once, and each is greeted by its own name",
            play: eight,
        },
        Step {
            says: "one client's reset or exit ends nobody else",
            play: leaves,
        },
    ],
};

fn listens(stage: &mut Stage) -> Result<(), Trouble> {
    stage.starts_server()
}

/// A new client that is welcomed.
fn welcomed(stage: &mut Stage) -> Result<Peer, Trouble> {
    let mut client = stage.client()?;
    client.hears("Welcome!\n").map_err(|trouble| {
        let cause = "each client is to be welcomed as soon as it has come";
        Trouble {
            cause: String::new(),
            ..trouble
        }
        .because(cause)
    })?;
    Ok(client)
}

/// Says this, and expects a greeting for each of the names.
fn greeted(client: &mut Peer, says: &str, names: &[&str]) -> Result<(), Trouble> {
    client.says(says)?;
    let greetings: String = names.iter().map(|name| hello(name)).collect();
    client.hears(greetings)
}

fn hello(name: &str) -> String {
    format!("Hello, {name}!\n")
}

fn greets(stage: &mut Stage) -> Result<(), Trouble> {
    let (one, two) = (stage.word(), stage.word());
    let mut client = welcomed(stage)?;
    for name in [&one, &two] {
        let greeted = greeted(&mut client, &format!("{name}\n"), &[name]);
        greeted.map_err(|trouble| {
            trouble.because("each line that a client sends is a name to be greeted")
        })?;
    }
    client.says("exit\n")?;
    client.hears_the_end().map_err(|trouble| {
        trouble
            .surely("after exit the server says nothing more to this client, and closes")
    })
}

fn lines(stage: &mut Stage) -> Result<(), Trouble> {
    let mut client = welcomed(stage).map_err(|trouble| {
        trouble.surely("the exit of one client has ended the whole server")
    })?;
    let name = format!("{} {}", stage.word(), stage.word());
    let line = format!("{name}\n");
    let (start, rest) = line.split_at(stage.chance.usize(1..name.len()));
    let told = client.says_apart([start.as_bytes(), rest.as_bytes()]);
    let done = told.and_then(|()| client.hears(hello(&name)));
    done.map_err(|trouble| {
        let cause = "what one recv gave was taken for a whole name: its end is the end of \
                     the line";
        let trouble = trouble.surely(cause).hint(2);
        trouble.read("One recv is not one message")
    })?;
    let names = [stage.word(), stage.word(), stage.word()];
    let [one, two, three] = &names;
    let text = format!("{one}\n{two}\r\n{three}\n");
    greeted(&mut client, &text, &[one, two, three]).map_err(|trouble| {
        let cause = "one recv can give several lines: each ends with \\n, maybe with \\r \
                     before it, and has its own greeting";
        let trouble = trouble.surely(cause).hint(2);
        trouble.read("One recv is not one message")
    })
}

fn bytes(stage: &mut Stage) -> Result<(), Trouble> {
    let mut name = stage.word().into_bytes();
    name.extend([0xe9, 0xff, b' ', 0xc3, 0xa9]); // é in Latin-1, no text, é in UTF-8
    name.extend(stage.word().into_bytes());
    let mut client = welcomed(stage)?;
    client.says([&name[..], b"\n"].concat())?;
    let answer = [b"Hello, ", &name[..], b"!\n"].concat();
    client.hears(answer).map_err(|trouble| {
        let cause = "the name was taken for UTF-8: it is bytes";
        trouble.surely(cause).hint(3).read("One client")
    })
}

fn silent(stage: &mut Stage) -> Result<(), Trouble> {
    let (first, second) = (stage.word(), stage.word());
    let mut silent = welcomed(stage)?;
    let cause = "the second client is served only when the first has gone: something waits \
                 for a client that is silent";
    let late = |trouble: Trouble| trouble.surely(cause);
    let mut client = welcomed(stage).map_err(late)?;
    greeted(&mut client, &format!("{second}\n"), &[&second]).map_err(late)?;
    client.says("exit\n")?;
    client.hears_the_end()?;
    greeted(&mut silent, &format!("{first}\n"), &[&first])
        .map_err(|trouble| trouble.because("the silent client is still to be served"))
}

fn eight(stage: &mut Stage) -> Result<(), Trouble> {
    let mut clients = Vec::new();
    for _ in 0..8 {
        let name = format!("{} {}", stage.word(), stage.word());
        let client = welcomed(stage).map_err(|trouble| {
            trouble.surely("there are not enough threads: each client needs its own")
        })?;
        clients.push((client, name));
    }
    for (client, name) in &mut clients {
        client.says_apart([&name.as_bytes()[..3]])?;
    }
    for (client, name) in clients.iter_mut().rev() {
        greeted(client, &format!("{}\n", &name[3..]), &[name]).map_err(|trouble| {
            trouble.because("what one client has sent must not get into another's name")
        })?;
    }
    Ok(())
}

fn leaves(stage: &mut Stage) -> Result<(), Trouble> {
    others_stay(stage).map_err(|trouble| {
        let cause = "the end of one client has ended others: an error, or exit, is for its \
                     own thread only";
        trouble.surely(cause).hint(3).read("A thread panics")
    })
}

fn others_stay(stage: &mut Stage) -> Result<(), Trouble> {
    let (half, name) = (stage.word(), stage.word());
    let mut stays = welcomed(stage)?;
    let mut breaks = welcomed(stage)?;
    breaks.says_apart([half.as_bytes()])?;
    breaks.resets();
    let mut exits = welcomed(stage)?;
    exits.says("exit\n")?;
    exits.hears_the_end()?;
    let line = format!("{name}\n");
    greeted(&mut stays, &line, &[&name])?;
    let mut next = welcomed(stage)?;
    greeted(&mut next, &line, &[&name])
}

const WAITING_ROOM: Exercise = Exercise {
    name: "waiting-room",
    lesson: "07-threaded-server",
    kind: Kind::Repair,
    task: "make a server serve its guests at once, and not one after the other",
    section: "A thread for a client",
    hints: [
        "Connect with nc twice, and say nothing in the first. Where is the main thread all \
         that time? A println! before each line of the loop tells.",
        "A thread runs beside the others until somebody waits for it. The loop must get \
         back to accept at once.",
        "join waits for the end of its thread. Without it the thread itself says what has \
         become of its guest: let the closure print the error.",
    ],
    steps: &[
        Step {
            says: "the program listens on the address that it is given",
            play: listens,
        },
        Step {
            says: "a guest gets its number, and its turn when it has said its name",
            play: guest,
        },
        Step {
            says: "a guest who is silent for a while keeps its place",
            play: stays,
        },
        Step {
            says: "who comes after a silent guest gets its number and its turn",
            play: after_silence,
        },
        Step {
            says: "six guests are here at once, with six numbers",
            play: six,
        },
        Step {
            says: "a guest whose connection is reset takes nobody along",
            play: reset,
        },
    ],
};

/// A guest that gets this number.
fn numbered(stage: &mut Stage, number: usize) -> Result<Peer, Trouble> {
    let mut guest = stage.client()?;
    guest.hears(format!("You are number {number}.\n"))?;
    Ok(guest)
}

/// The guest says its name, and gets its turn.
fn has_its_turn(stage: &mut Stage, guest: &mut Peer) -> Result<(), Trouble> {
    let name = stage.word();
    guest.says(format!("{name}\n"))?;
    guest.hears(format!("It is your turn, {name}.\n"))?;
    guest.hears_the_end()
}

fn guest(stage: &mut Stage) -> Result<(), Trouble> {
    let name = stage.word();
    let mut guest = stage.client()?;
    guest.says(format!("{name}\n"))?;
    let all = format!("You are number 1.\nIt is your turn, {name}.\n");
    guest.hears(all).map_err(|trouble| {
        trouble.surely("what a guest who is alone is told must stay as it was")
    })?;
    guest.hears_the_end()
}

fn stays(stage: &mut Stage) -> Result<(), Trouble> {
    let mut silent = numbered(stage, 2).map_err(|trouble| {
        trouble.because("the guests are numbered in the order in which they come")
    })?;
    let away = "a silent guest was sent away, so that the next one comes in: that is no \
                cure";
    silent
        .hears_nothing_for(Duration::from_millis(100))
        .map_err(|trouble| trouble.surely(away).hint(2))?;
    let name = stage.word();
    let line = format!("{name}\n");
    let told = silent.says_apart([&line.as_bytes()[..2], &line.as_bytes()[2..]]);
    let turn = told.and_then(|()| silent.hears(format!("It is your turn, {name}.\n")));
    turn.map_err(|trouble| {
        let cause = "a name is a line, as it was: it may come in pieces";
        trouble.surely(cause).read("One recv is not one message")
    })
}

fn after_silence(stage: &mut Stage) -> Result<(), Trouble> {
    let mut silent = numbered(stage, 3)?;
    let second = numbered(stage, 4);
    let done = second.and_then(|mut second| has_its_turn(stage, &mut second));
    done.map_err(|trouble| {
        let cause = if trouble.kind == TroubleKind::Timeout {
            "the second guest is served only when the first has gone: the loop, or a lock, \
             waits for the first"
        } else {
            "each guest gets the next number and its turn, however many are here"
        };
        trouble.surely(cause).hint(2)
    })?;
    has_its_turn(stage, &mut silent).map_err(|trouble| {
        trouble.surely("the silent guest was sent away when the next one came")
    })
}

fn six(stage: &mut Stage) -> Result<(), Trouble> {
    let mut guests = Vec::new();
    for number in 5..=10 {
        let guest = numbered(stage, number).map_err(|trouble| {
            let cause = "with some guests here the next one waits: each needs a thread, \
                         and nobody may wait for it";
            trouble.surely(cause).hint(2)
        })?;
        guests.push(guest);
    }
    for guest in guests.iter_mut().rev() {
        has_its_turn(stage, guest)?;
    }
    Ok(())
}

fn reset(stage: &mut Stage) -> Result<(), Trouble> {
    let mut first = numbered(stage, 11)?;
    let mut breaks = numbered(stage, 12)?;
    breaks.says_apart([&b"na"[..]])?;
    breaks.resets();
    let next = numbered(stage, 13);
    let others = next.and_then(|mut next| {
        has_its_turn(stage, &mut next)?;
        has_its_turn(stage, &mut first)
    });
    others.map_err(|trouble| {
        let cause = "one guest's error has ended more than its own thread";
        trouble.surely(cause).hint(3).read("A thread panics")
    })
}
