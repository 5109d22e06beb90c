//! The exercises of lesson 05, and what their checks do.

use std::time::Duration;

use crate::{Exercise, Kind, RESET_AT_ONCE, Stage, Step, Trouble};

/// All of them, in the order of the chapter.
pub const EXERCISES: &[Exercise] = &[GREETING_SERVER, RESTART_AT_ONCE];

const GREETING_SERVER: Exercise = Exercise {
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
        "trim_ascii_end takes \\r and \\n off the bytes. Build the answer from bytes: \
         [b\"Hello, \", name, b\"!\\n\"].concat(), and no String anywhere.",
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
            play: greets,
        },
    ],
};

fn listens(stage: &mut Stage) -> Result<(), Trouble> {
    stage.starts_server()
}

fn greets(stage: &mut Stage) -> Result<(), Trouble> {
    let name = stage.word();
    let mut client = stage.client()?;
    client.says(format!("{name}\n"))?;
    client
        .hears(format!("Hello, {name}!\n"))
        .map_err(|trouble| {
            trouble.because(
                "between `Hello, ` and `!` stands the name, without the end of its line",
            )
        })?;
    client.hears_the_end().map_err(|trouble| {
        trouble
            .surely("after the greeting the connection is to be closed")
            .hint(1)
    })
}

fn crlf(stage: &mut Stage) -> Result<(), Trouble> {
    let name = stage.word();
    greeted_without_crlf(stage, &name).map_err(|trouble| {
        let cause = "one client was served, and then no other: accept belongs in a loop";
        stage.after_the_end(trouble, cause)
    })
}

fn greeted_without_crlf(stage: &mut Stage, name: &str) -> Result<(), Trouble> {
    let mut client = stage.client()?;
    client.says(format!("{name}\r\n"))?;
    client
        .hears(format!("Hello, {name}!\n"))
        .map_err(|trouble| {
            let cause = "the end of a line may be \\r\\n, and is no part of the name";
            trouble.because(cause).hint(3)
        })?;
    client.hears_the_end()
}

fn pieces(stage: &mut Stage) -> Result<(), Trouble> {
    let name = format!("{} {} {}", stage.word(), stage.word(), stage.word());
    let sizes = stage.sizes(6);
    let mut client = stage.client()?;
    let told = client.says_in_pieces(format!("{name}\n"), sizes);
    let heard = told.and_then(|()| client.hears(format!("Hello, {name}!\n")));
    heard.map_err(|trouble| {
        let cause =
            "one recv was taken for the whole line: read on until the line has ended";
        trouble
            .surely(cause)
            .hint(2)
            .read("Talk: two people in turn")
    })?;
    client.hears_the_end()
}

fn bytes(stage: &mut Stage) -> Result<(), Trouble> {
    let mut name = stage.word().into_bytes();
    name.extend([0xe9, 0xff, b' ', 0xc3, 0xa9]); // é in Latin-1, no text, é in UTF-8
    name.extend(stage.word().into_bytes());
    let mut client = stage.client()?;
    client.says([&name[..], b"\n"].concat())?;
    let answer = [b"Hello, ", &name[..], b"!\n"].concat();
    client.hears(answer).map_err(|trouble| {
        trouble
            .surely("the name was taken for UTF-8: it is bytes")
            .hint(3)
            .read("Hear and answer")
    })?;
    client.hears_the_end()
}

fn leaves(stage: &mut Stage) -> Result<(), Trouble> {
    let name = stage.word();
    let mut client = stage.client()?;
    client.says(&name)?;
    client.half_closes();
    client.hears_the_end().map_err(|trouble| {
        let cause = "the line had no end: that it was complete is only guessed";
        trouble.surely(cause).hint(2)
    })
}

const RESTART_AT_ONCE: Exercise = Exercise {
    name: "restart-at-once",
    lesson: "05-bind-listen-accept",
    kind: Kind::Repair,
    task: "make a server that can be started again at once, and only once at a time",
    section: "Address already in use",
    hints: [
        "Look at the connections after the server has ended: `ss -tan | grep 7005`. What \
         state are they in, and on which port?",
        "Who closes first keeps its end in TIME_WAIT for a minute, and bind does not pass \
         it. There is an option that lets it pass: SO_REUSEADDR.",
        "listener.set_reuse_address(true)? stands between Socket::new and bind. \
         SO_REUSEPORT is another option: it lets two servers share the port.",
    ],
    steps: &[
        Step {
            says: "the program listens on the address that it is given",
            play: listens,
        },
        Step {
            says: "a client is greeted, and sees a clean end",
            play: hello,
        },
        Step {
            says: "a restart on the same port works at once",
            play: restart,
        },
        Step {
            says: "the client after the restart is greeted",
            play: hello,
        },
        Step {
            says: "a second copy on the same port is refused",
            play: second,
        },
    ],
};

fn hello(stage: &mut Stage) -> Result<(), Trouble> {
    let clean = "the server is to close first, and cleanly: without TIME_WAIT the question is \
                 avoided and not answered";
    let mut client = stage.client().map_err(|trouble| {
        if trouble.seen == RESET_AT_ONCE {
            return trouble.surely(clean);
        }
        trouble
    })?;
    client.hears("Hello, client!\n").map_err(|trouble| {
        trouble.surely("the greeting `Hello, client!` must stay as it was")
    })?;
    // The server closes first: so the TIME_WAIT is on its side.
    client
        .hears_the_end()
        .map_err(|trouble| trouble.surely(clean))
}

fn restart(stage: &mut Stage) -> Result<(), Trouble> {
    stage.restarts_server().map_err(|trouble| {
        let cause = "the connections of the run before are in TIME_WAIT, and bind does not \
                     pass them without SO_REUSEADDR, set before bind";
        trouble.surely(cause).hint(2)
    })
}

fn second(stage: &mut Stage) -> Result<(), Trouble> {
    let address = stage.address().to_string();
    let mut second = stage.another([address])?;
    let status = second.wait(Duration::from_secs(5)).map_err(|trouble| {
        trouble
            .surely("a second copy could take the port, too: SO_REUSEPORT does that")
            .hint(3)
    })?;
    if status.success() {
        let trouble = Trouble::fail("an error, as the port is taken", "exit code 0");
        return Err(trouble.because("a server that cannot listen must say so, and fail"));
    }
    hello(stage)
}
