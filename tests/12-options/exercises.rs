//! The exercises of lesson 12, and what their checks do.

use std::io;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use crate::{Exercise, Kind, Peer, Stage, Step, Trouble, TroubleKind, quoted};

/// All of them, in the order of the chapter.
pub const EXERCISES: &[Exercise] = &[OPTIONS_ASKED, SLOW_SMALL_WRITES];

const OPTIONS_ASKED: Exercise = Exercise {
    name: "options-asked",
    lesson: "12-options",
    kind: Kind::Build,
    task: "write a program that sets options and prints what the kernel made of each",
    section: "Read the table with care",
    hints: [
        "Set, then ask: for each option socket2 has two methods, one that sets and one \
         that asks. Print what the second one returns, never the wish.",
        "Go through the arguments once, with one socket for all. A match on the name \
         finds the two calls; a switch is usize::from(bool), a time is as_millis(), and \
         no timeout is 0.",
        "No `?` and no unwrap behind a set: when it fails, the line says refused, and the \
         next argument follows. The last arm of the match says unknown.",
    ],
    steps: &[
        Step {
            says: "a buffer's size is printed as the kernel has made it",
            play: size,
        },
        Step {
            says: "a switch that is on is 1, and one that is off is 0",
            play: switches,
        },
        Step {
            says: "each setting has its line, in the order of the arguments",
            play: in_order,
        },
        Step {
            says: "a wish that is too large or too small is answered with what it became",
            play: limits,
        },
        Step {
            says: "each line tells how it was right after its own setting",
            play: twice,
        },
        Step {
            says: "a time is printed in milliseconds, as the kernel has rounded it",
            play: times,
        },
        Step {
            says: "a name alone is asked for, on the socket that was set before",
            play: only_asked,
        },
        Step {
            says: "an option that there is not is unknown, and the next one has its turn",
            play: unknown,
        },
        Step {
            says: "a value that the kernel refuses is told, and the next has its turn",
            play: refused,
        },
    ],
};

fn size(stage: &mut Stage) -> Result<(), Trouble> {
    let size = stage.chance.usize(3_000..90_000);
    let asked = stage.asks([format!("SO_RCVBUF={size}")]);
    asked.map_err(|trouble| {
        trouble.because("what counts is the answer of the kernel, after it was set")
    })
}

fn switches(stage: &mut Stage) -> Result<(), Trouble> {
    let mut values = [1, 1, 0];
    stage.chance.shuffle(&mut values);
    let names = ["SO_KEEPALIVE", "SO_REUSEADDR", "TCP_NODELAY"].into_iter();
    let asked = stage.asks(names.zip(values).map(|(name, on)| format!("{name}={on}")));
    asked.map_err(|trouble| {
        trouble
            .because("each switch is set as its setting says, and asked for afterwards")
    })
}

fn in_order(stage: &mut Stage) -> Result<(), Trouble> {
    let (one, other) = (
        stage.chance.usize(3_000..90_000),
        stage.chance.usize(5_000..90_000),
    );
    let hops = stage.chance.u8(1..=60);
    let mut settings = [
        format!("SO_RCVBUF={one}"),
        format!("SO_SNDBUF={other}"),
        format!("IP_TTL={hops}"),
        "SO_KEEPALIVE=1".to_string(),
        "TCP_NODELAY=1".to_string(),
    ];
    stage.chance.shuffle(&mut settings);
    // An order that is not the alphabet's.
    let first = settings.iter().position(|one| one.starts_with("TCP"));
    settings.swap(0, first.unwrap_or(0));
    let asked = stage.asks(settings);
    asked.map_err(|trouble| {
        trouble.because("the lines are in the order of the arguments, one for each")
    })
}

fn limits(stage: &mut Stage) -> Result<(), Trouble> {
    let (large, small) = (
        stage.chance.usize(1_000_000_000..2_000_000_000),
        stage.chance.usize(1..100),
    );
    let rounds = [("SO_RCVBUF", "SO_SNDBUF"), ("SO_SNDBUF", "SO_RCVBUF")];
    let asked = rounds.into_iter().try_for_each(|(one, other)| {
        stage.asks([format!("{one}={large}"), format!("{other}={small}")])
    });
    asked.map_err(|trouble| {
        trouble.surely(
            "the kernel has a least and a largest size: no rule of yours knows them",
        )
    })
}

fn times(stage: &mut Stage) -> Result<(), Trouble> {
    // Odd: where the kernel counts in 4 or 10 ms, each is rounded, and tells an answer that
    // has asked nobody.
    let (one, other) = (
        2 * stage.chance.usize(0..500) + 1,
        2 * stage.chance.usize(500..50_000) + 1,
    );
    let asked = stage.asks([one, 0, other].map(|time| format!("SO_RCVTIMEO={time}")));
    asked.map_err(|trouble| {
        trouble
            .surely("the wish is in milliseconds, and 0 is allowed: it means no timeout")
            .hint(2)
            .read("Waiting: settimeout in Rust")
    })
}

fn only_asked(stage: &mut Stage) -> Result<(), Trouble> {
    let size = stage.chance.usize(5_000..90_000);
    let asked = stage.asks([
        format!("SO_SNDBUF={size}"),
        "SO_KEEPALIVE=1".into(),
        "SO_SNDBUF".into(),
        "IP_TTL".into(),
        "SO_KEEPALIVE".into(),
        "SO_RCVTIMEO".into(),
        "SO_RCVBUF".into(),
    ]);
    asked.map_err(|trouble| {
        trouble
            .surely("all settings are for one socket, and a name alone changes nothing")
            .hint(2)
            .read("The idea")
    })
}

fn twice(stage: &mut Stage) -> Result<(), Trouble> {
    let sizes = [(); 3].map(|()| stage.chance.usize(3_000..90_000));
    let asked = stage.asks(sizes.map(|size| format!("SO_RCVBUF={size}")));
    asked.map_err(|trouble| {
        trouble
            .surely("ask right after each set: later settings change what it was")
            .hint(2)
    })
}

fn unknown(stage: &mut Stage) -> Result<(), Trouble> {
    let (word, hops) = (stage.word().to_uppercase(), stage.chance.u8(1..=60));
    let asked = stage.asks([
        format!("SO_{word}=1"),
        format!("IP_TTL={hops}"),
        format!("TCP_{word}"),
        "TCP_NODELAY=1".into(),
    ]);
    asked.map_err(|trouble| {
        trouble
            .surely("a name that you do not know has the line NAME unknown, no more")
            .hint(3)
    })
}

fn refused(stage: &mut Stage) -> Result<(), Trouble> {
    let (hops, far) = (stage.chance.u8(1..=60), stage.chance.u32(256..10_000));
    let asked = stage.asks([
        format!("IP_TTL={hops}"),
        format!("IP_TTL={far}"),
        "SO_KEEPALIVE=1".into(),
        "IP_TTL=0".into(),
        "IP_TTL".into(),
    ]);
    asked.map_err(|trouble| {
        trouble
            .surely("an error of set is an answer: the line says refused, and you go on")
            .hint(3)
            .read("Errors of set itself")
    })
}

impl Stage {
    /// Starts the program with these settings, and compares its lines with what the
    /// judge's own socket makes of them.
    fn asks(
        &mut self,
        settings: impl IntoIterator<Item = String>,
    ) -> Result<(), Trouble> {
        let settings: Vec<_> = settings.into_iter().collect();
        let expected = lines_of(&settings)
            .map_err(|error| Trouble::checker("a socket of the judge's own", &error))?;
        let whole: String = expected.iter().map(|line| format!("{line}\n")).collect();
        let program = self.starts(settings.iter().cloned())?;
        let printed = program.prints("a line for each setting", |all| {
            (all == whole.as_bytes()).then_some(())
        });
        let Err(trouble) = printed else {
            return program.ends_well();
        };
        let seen = String::from_utf8_lossy(&program.output()).into_owned();
        let seen: Vec<_> = seen.lines().collect();
        let same = expected
            .iter()
            .zip(&seen)
            .take_while(|(one, other)| one == other);
        let same = same.count();
        let Some((setting, line)) = settings.get(same).zip(expected.get(same)) else {
            return Err(trouble.because("there are more lines than settings"));
        };
        let line = quoted(line.as_bytes());
        let seen = seen.get(same).copied().unwrap_or_default();
        let told = Trouble {
            expected: format!("for {setting} the line {line}"),
            seen: quoted(seen.as_bytes()),
            ..trouble
        };
        let (name, wish) = setting.split_once('=').unwrap_or((setting, ""));
        Err(if seen == format!("{name} {wish}") {
            told.because("the wish was printed: what became of it only the kernel knows")
        } else if seen.ends_with("true") || seen.ends_with("false") {
            told.because("a switch is printed as a number: 0 or 1")
        } else if name.starts_with("TCP") && seen.ends_with("refused") {
            told.because("the kernel knows no TCP option on a socket that is not for TCP")
        } else {
            told
        })
    }
}

/// What a right program prints for these settings.
fn lines_of(settings: &[String]) -> io::Result<Vec<String>> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    let lines = settings.iter().map(|setting| {
        let (name, wish) = match setting.split_once('=') {
            Some((name, wish)) => (name, wish.parse().ok()),
            None => (setting.as_str(), None),
        };
        let set = wish.map_or(Ok(()), |wish| set(&socket, name, wish));
        match set.and_then(|()| ask(&socket, name)) {
            Ok(Some(value)) => format!("{name} {value}"),
            Ok(None) => format!("{name} unknown"),
            Err(_) => format!("{name} refused"),
        }
    });
    Ok(lines.collect())
}

fn set(socket: &Socket, name: &str, wish: u32) -> io::Result<()> {
    match name {
        "SO_RCVBUF" => socket.set_recv_buffer_size(wish as usize),
        "SO_SNDBUF" => socket.set_send_buffer_size(wish as usize),
        "SO_KEEPALIVE" => socket.set_keepalive(wish != 0),
        "SO_REUSEADDR" => socket.set_reuse_address(wish != 0),
        "TCP_NODELAY" => socket.set_tcp_nodelay(wish != 0),
        "SO_RCVTIMEO" => {
            socket.set_read_timeout(Some(Duration::from_millis(wish.into())))
        }
        "IP_TTL" => socket.set_ttl_v4(wish),
        _ => Ok(()),
    }
}

fn ask(socket: &Socket, name: &str) -> io::Result<Option<u128>> {
    Ok(Some(match name {
        "SO_RCVBUF" => socket.recv_buffer_size()? as u128,
        "SO_SNDBUF" => socket.send_buffer_size()? as u128,
        "SO_KEEPALIVE" => socket.keepalive()?.into(),
        "SO_REUSEADDR" => socket.reuse_address()?.into(),
        "TCP_NODELAY" => socket.tcp_nodelay()?.into(),
        "SO_RCVTIMEO" => socket.read_timeout()?.unwrap_or_default().as_millis(),
        "IP_TTL" => socket.ttl_v4()?.into(),
        _ => return Ok(None),
    }))
}

const SLOW_SMALL_WRITES: Exercise = Exercise {
    name: "slow-small-writes",
    lesson: "12-options",
    kind: Kind::Repair,
    task: "repair a server that does nothing for 40 milliseconds before each answer",
    section: "Nagle, and the 40 milliseconds",
    hints: [
        "How many system calls send an answer? `strace -f -e trace=write,sendto` shows \
         them. Then look into the chapter, for what happens to the second one.",
        "Nagle's algorithm: while a small packet is not acknowledged, the next small one \
         waits. The peer delays its ACK, because it has nothing to say before it has the \
         whole answer.",
        "Put the length and the body into one Vec, and call write_all once. Or switch \
         the algorithm off, for each client: `client.set_nodelay(true)?`.",
    ],
    steps: &[
        Step {
            says: "the program listens on the address that it is given",
            play: slow_listens,
        },
        Step {
            says: "an answer is the length, and the question in capital letters",
            play: slow_answer,
        },
        Step {
            says: "questions that come together, or in pieces, are answered one by one",
            play: slow_together,
        },
        Step {
            says: "an answer comes at once, though the client acknowledges late",
            play: slow_at_once,
        },
        Step {
            says: "so it is for each of many clients",
            play: slow_each,
        },
        Step {
            says: "the answer to a long question is whole",
            play: slow_long,
        },
        Step {
            says: "after the client's half-close come the last answers, then the end",
            play: slow_end,
        },
    ],
};

/// An answer that waits for a delayed acknowledgement takes 40 ms, and never less.
const SOON: Duration = Duration::from_millis(30);

/// How many questions are tried before an answer is called slow. One quick answer is
/// proof that it can be quick; on a busy machine many others are late.
const QUESTIONS: usize = 24;

fn slow_listens(stage: &mut Stage) -> Result<(), Trouble> {
    stage.starts_server()
}

fn slow_answer(stage: &mut Stage) -> Result<(), Trouble> {
    let (first, second) = (stage.word(), stage.word());
    let mut client = stage.client()?;
    client.says(format!("{first}\n"))?;
    client.hears(answer(&first)).map_err(|trouble| {
        let cause = if trouble.kind == TroubleKind::Timeout {
            "an answer is not sent: what a buffer holds leaves when it is flushed"
        } else {
            "the bytes of each answer stay as they are: length, \\n, capitals"
        };
        trouble.surely(cause)
    })?;
    let told = client.says(format!("{second}\n"));
    told.and_then(|()| client.hears(answer(&second)))
        .map_err(|trouble| {
            trouble.surely(
                "after an answer comes the next question, on the same connection: nothing \
                 but the answer is sent, and nothing is closed",
            )
        })
}

fn slow_together(stage: &mut Stage) -> Result<(), Trouble> {
    let words = [(); 3].map(|()| stage.word());
    let sizes = stage.sizes(4);
    let questions = words.clone().map(|word| format!("{word}\n")).concat();
    let answers = words.map(|word| answer(&word)).concat();
    let mut client = stage.client()?;
    let told = client.says(&questions);
    told.and_then(|()| client.hears(&answers))
        .and_then(|()| client.says_in_pieces(&questions, sizes))
        .and_then(|()| client.hears(&answers))
        .map_err(|trouble| {
            trouble.surely("a recv is no question: each ends with its \\n")
        })
}

fn slow_at_once(stage: &mut Stage) -> Result<(), Trouble> {
    let mut client = stage.client()?;
    is_soon(stage, &mut client).map_err(|trouble| {
        trouble.because(
            "each answer is in two small packets, and the second waits for the late \
             acknowledgement of the first",
        )
    })
}

fn slow_each(stage: &mut Stage) -> Result<(), Trouble> {
    let mut clients = [stage.client()?, stage.client()?, stage.client()?];
    for client in &mut clients {
        is_soon(stage, client).map_err(|trouble| {
            trouble
                .surely(
                    "the options of one client are not those of the next: set each one's",
                )
                .hint(3)
        })?;
    }
    Ok(())
}

fn slow_long(stage: &mut Stage) -> Result<(), Trouble> {
    let length = stage.chance.usize(20_000..60_000);
    let long: String = (0..length).map(|_| stage.chance.lowercase()).collect();
    let mut client = stage.client()?;
    client.says(format!("{long}\n"))?;
    client
        .hears(answer(&long))
        .map_err(|trouble| trouble.surely("a part of a long answer was not sent"))
}

fn slow_end(stage: &mut Stage) -> Result<(), Trouble> {
    let words = [stage.word(), stage.word()];
    let mut client = stage.client()?;
    client.says(words.clone().map(|word| format!("{word}\n")).concat())?;
    client.half_closes();
    client.hears(words.map(|word| answer(&word)).concat())?;
    client.hears_the_end()
}

/// Asks until two answers came soon.
fn is_soon(stage: &mut Stage, client: &mut Peer) -> Result<(), Trouble> {
    let (mut soon, mut quickest) = (0, Duration::MAX);
    for number in 0..QUESTIONS {
        let word = stage.word();
        client.acknowledges_late();
        let start = Instant::now();
        client.says(format!("{word}\n"))?;
        client.hears(answer(&word))?;
        let took = start.elapsed();
        if number < 2 {
            continue; // at a connection's start the kernel acknowledges at once
        }
        quickest = quickest.min(took);
        soon += usize::from(took < SOON);
        if soon == 2 {
            return Ok(());
        }
    }
    let expected = format!("now and then an answer within {SOON:?}");
    let seen = format!("{QUESTIONS} answers, the quickest after {quickest:.0?}");
    let trouble = Trouble::fail(expected, seen);
    // A cork holds back for 200 ms what fills no packet.
    Err(if quickest > Duration::from_millis(150) {
        trouble.because("the kernel holds back what fills no packet: take the cork out")
    } else {
        trouble
    })
}

/// The answer to a question.
fn answer(question: &str) -> String {
    format!("{}\n{}", question.len(), question.to_uppercase())
}
