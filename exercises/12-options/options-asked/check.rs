//! `options-asked`: the task, and what its check does.

use std::io;
use std::time::Duration;

use checker::{Exercise, Failure, FailureKind, Kind, Program, Stage, Step, quoted};
use socket2::{Domain, Socket, Type};

/// The exercise, and the steps of its check.
pub const EXERCISE: Exercise = Exercise {
    name: "options-asked",
    lesson: "12-options",
    kind: Kind::Build,
    task: "write a program that sets options and prints what the kernel made of each",
    section: "12-table#Read the table with care",
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

fn size(stage: &mut Stage) -> Result<(), Failure> {
    let size = stage.chance.usize(3_000..90_000);
    let asked = asks(stage, [format!("SO_RCVBUF={size}")]);
    asked.map_err(|failure| {
        failure.likely("what counts is the answer of the kernel, after it was set")
    })
}

fn switches(stage: &mut Stage) -> Result<(), Failure> {
    // Each of them is switched on and off, and then on alone: the others stay off.
    let mut names = ["SO_KEEPALIVE", "SO_REUSEADDR", "TCP_NODELAY"];
    stage.chance.shuffle(&mut names);
    let all = |on| names.map(|name| format!("{name}={on}"));
    let mut settings = [all(1), all(0)].concat();
    for one in names {
        settings.push(format!("{one}=1"));
        let others = names.iter().filter(|other| **other != one);
        settings.extend(others.map(|other| (*other).to_string()));
        settings.push(format!("{one}=0"));
    }
    let count = settings.len();
    let asked = asks(stage, settings);
    asked.map_err(|failure| {
        let cause = match failure.expected.contains('=') {
            true => "each switch is set as its setting says, and asked for afterwards",
            false => {
                "this switch is off, and it was another one that was switched on: each name \
                 has an option of its own"
            }
        };
        failure.likely(fewer_lines(stage, count).unwrap_or(cause))
    })
}

fn in_order(stage: &mut Stage) -> Result<(), Failure> {
    // More than 16 bits hold.
    let [one, other] = [(); 2].map(|()| stage.chance.usize(66_000..90_000));
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
    let asked = asks(stage, settings);
    asked.map_err(|failure| {
        let name = failure.seen.trim_matches('"').split(' ').next();
        let is_its_own = name.is_some_and(|name| failure.expected.contains(name));
        if !is_its_own {
            let cause = "the lines are in the order of the arguments, one for each";
            return failure.likely(cause);
        }
        failure.likely("the whole number goes to the kernel, and its answer is printed")
    })
}

fn limits(stage: &mut Stage) -> Result<(), Failure> {
    let (large, small) = (
        stage.chance.usize(1_100_000_000..2_000_000_000),
        stage.chance.usize(1..100),
    );
    let rounds = [("SO_RCVBUF", "SO_SNDBUF"), ("SO_SNDBUF", "SO_RCVBUF")];
    let asked = rounds.into_iter().try_for_each(|(one, other)| {
        asks(
            stage,
            [
                format!("{one}={large}"),
                format!("{one}=0"),
                format!("{other}={small}"),
            ],
        )
    });
    asked.map_err(|failure| {
        let cause = "the kernel has a least and a largest size for each of the two buffers: no \
                     rule of yours knows them";
        match failure.kind {
            FailureKind::Crash => failure, // its own words tell more
            _ => unless_certain(failure, cause),
        }
    })
}

fn times(stage: &mut Stage) -> Result<(), Failure> {
    // Odd: where the kernel counts in 4 or 10 ms, each is rounded, and tells an answer that
    // has asked nobody.
    let (one, other) = (
        2 * stage.chance.usize(0..500) + 1,
        2 * stage.chance.usize(500..50_000) + 1,
    );
    let asked = asks(
        stage,
        [one, 0, other, 2_000_000_000].map(|time| format!("SO_RCVTIMEO={time}")),
    );
    asked.map_err(|failure| {
        let cause = match failure.expected.contains("SO_RCVTIMEO=0 ") {
            true => "0 is allowed: it means no timeout, and is printed as 0",
            false => {
                "the wish is in milliseconds, and so is what is printed: none is lost"
            }
        };
        failure.likely(cause).read("Waiting: settimeout in Rust")
    })
}

fn only_asked(stage: &mut Stage) -> Result<(), Failure> {
    let size = stage.chance.usize(5_000..90_000);
    let asked = asks(
        stage,
        [
            format!("SO_SNDBUF={size}"),
            "SO_KEEPALIVE=1".into(),
            "SO_SNDBUF".into(),
            "IP_TTL".into(),
            "SO_KEEPALIVE".into(),
            "SO_RCVTIMEO".into(),
            "SO_RCVBUF".into(),
            // Asked once more, after it has changed.
            "SO_KEEPALIVE=0".into(),
            "SO_KEEPALIVE".into(),
        ],
    );
    asked.map_err(|failure| {
        failure
            .certain(
                "all settings are for one socket, and a name alone changes nothing: it is \
                 asked for each time anew",
            )
            .read("The idea")
    })
}

fn twice(stage: &mut Stage) -> Result<(), Failure> {
    let sizes = [(); 3].map(|()| stage.chance.usize(3_000..90_000));
    let asked = asks(stage, sizes.map(|size| format!("SO_RCVBUF={size}")));
    asked.map_err(|failure| {
        let cause = "ask right after each set: later settings change what it was";
        failure.likely(fewer_lines(stage, sizes.len()).unwrap_or(cause))
    })
}

/// The cause, if the program has printed fewer lines than there were settings.
fn fewer_lines(stage: &mut Stage, settings: usize) -> Option<&'static str> {
    let output = stage.program().ok()?.output();
    let lines = output.iter().filter(|byte| **byte == b'\n').count();
    (lines < settings)
        .then_some("each argument has a line of its own, also where a name comes again")
}

fn unknown(stage: &mut Stage) -> Result<(), Failure> {
    let (word, hops) = (stage.word().to_uppercase(), stage.chance.u8(1..=60));
    let nearly = [
        format!("SO_RCVBUF{word}=1"),
        format!("{word}IP_TTL"),
        "SO_RCVB=1".into(),
        "so_keepalive".into(),
    ];
    let asked = asks(
        stage,
        [
            format!("SO_{word}=1"),
            format!("IP_TTL={hops}"),
            format!("TCP_{word}"),
            "TCP_NODELAY=1".into(),
        ]
        .into_iter()
        .chain(nearly.clone()),
    );
    asked.map_err(|failure| {
        let is_near =
            |name: &String| failure.expected.starts_with(&format!("for {name} "));
        let cause = match nearly.iter().any(is_near) {
            true => {
                "this is nearly a name that you know, and it is none: the whole name is to be \
                 the same, also its capitals"
            }
            false => "a name that you do not know has the line NAME unknown, no more",
        };
        unless_certain(failure, cause).hint(2)
    })
}

/// More than the option's 8 bits hold, also without what is above them.
fn far(stage: &mut Stage) -> u32 {
    256 * stage.chance.u32(1..40) + stage.chance.u32(1..=255)
}

fn refused(stage: &mut Stage) -> Result<(), Failure> {
    let (hops, far) = (stage.chance.u8(1..=60), far(stage));
    let asked = asks(
        stage,
        [
            format!("IP_TTL={hops}"),
            format!("IP_TTL={far}"),
            "SO_KEEPALIVE=1".into(),
            "IP_TTL=255".into(),
            "IP_TTL=256".into(),
            "IP_TTL=0".into(),
            "IP_TTL=2000000000".into(),
            "IP_TTL".into(),
        ],
    );
    asked.map_err(|failure| {
        if failure.seen == format!("\"IP_TTL {}\"", far % 256) {
            let cause = "the number was cut to 8 bits on its way to the kernel: hand over \
                         all of it";
            return failure.certain(cause);
        }
        let cause = match failure.seen.ends_with(" refused\"") {
            true => "this value the kernel takes: leave it to the kernel what to refuse",
            false => "an error of set is an answer: the line says refused, and you go on",
        };
        unless_certain(failure, cause)
            .hint(2)
            .read("12-table#Errors of set itself")
    })
}

/// Starts the program with these settings, and compares its lines with what the
/// judge's own socket makes of them.
fn asks(
    stage: &mut Stage,
    settings: impl IntoIterator<Item = String>,
) -> Result<(), Failure> {
    let settings: Vec<_> = settings.into_iter().collect();
    let expected = lines_of(&settings)
        .map_err(|error| Failure::checker("a socket of the checker's own", &error))?;
    let whole: String = expected.iter().map(|line| format!("{line}\n")).collect();
    let program = stage.starts(settings.iter().cloned())?;
    let printed = program.prints("a line for each setting", |all| {
        (all == whole.as_bytes()).then_some(())
    });
    let Err(failure) = printed else {
        return ends_well(program, &whole);
    };
    let output = String::from_utf8_lossy(&program.output()).into_owned();
    let same = expected
        .iter()
        .zip(output.lines())
        .take_while(|(one, other)| one == other);
    let same = same.count();
    let Some((setting, line)) = settings.get(same).zip(expected.get(same)) else {
        return Err(failure.likely("there are more lines than settings"));
    };
    let line = quoted(line.as_bytes());
    let seen = output.lines().nth(same).unwrap_or_default();
    let told = Failure {
        expected: format!("for {setting} the line {line}"),
        seen: quoted(seen.as_bytes()),
        ..failure
    };
    let (name, _) = setting.split_once('=').unwrap_or((setting, ""));
    let on_stderr = program
        .complaints()
        .lines()
        .any(|one| one == expected[same]);
    let cause = if seen.starts_with(&format!("{name}=")) {
        Some("a line begins with the name of the option, without its wish")
    } else if other_order(&expected, &output) {
        Some("the lines are in the order of the arguments, one for each")
    } else if on_stderr {
        Some("this line is on standard error: all lines go to standard output")
    } else if all_set_first(&settings).is_ok_and(|lines| output.lines().eq(lines)) {
        Some(
            "all settings were made before the first was asked for: ask right after each one",
        )
    } else {
        another_value(&settings, same, seen)
    };
    Err(match cause {
        Some(cause) => told.certain(cause),
        None => of_this_value(told, setting, seen),
    })
}

/// The failure with what this line tells of its cause.
fn of_this_value(told: Failure, setting: &str, seen: &str) -> Failure {
    let (name, wish) = setting.split_once('=').unwrap_or((setting, ""));
    if seen == format!("{name} {wish}") && name == "SO_RCVTIMEO" {
        told.certain(
            "the wish was printed: nobody has asked the kernel, or both numbers are of \
             another unit than milliseconds",
        )
    } else if seen == format!("{name} {wish}") {
        told.likely("the wish was printed: what became of it only the kernel knows")
    } else if seen == format!("{name} unknown") {
        told.likely("this option is one of those that the program is to know")
    } else if seen.ends_with("true") || seen.ends_with("false") {
        told.likely("a switch is printed as a number: 0 or 1")
    } else if name.starts_with("TCP") && seen.ends_with("refused") {
        told.certain("the kernel knows no TCP option on a socket that is not for TCP")
    } else {
        told
    }
}

/// All lines are there: it is to end, and no more is to come.
fn ends_well(program: &mut Program, whole: &str) -> Result<(), Failure> {
    program.ends_well().map_err(|failure| match failure.kind {
        FailureKind::Fail => failure.certain(
            "each line is right, and then the exit code is to be 0: also unknown and refused \
             are answers",
        ),
        _ => failure,
    })?;
    let output = program.output();
    if output == whole.as_bytes() {
        return Ok(());
    }
    let more = quoted(&output[whole.len()..]);
    let failure = Failure::new("no more than a line for each setting", more);
    Err(failure.certain("there are more lines than settings"))
}

/// The same with a step's own cause, where none is certain yet.
fn unless_certain(failure: Failure, cause: &str) -> Failure {
    match failure.certain {
        true => failure,
        false => failure.certain(cause),
    }
}

/// Why this line is not the one for the setting at this place, if it is one for something else.
fn another_value(settings: &[String], place: usize, seen: &str) -> Option<&'static str> {
    let (before, setting) = (&settings[..place], settings.get(place)?);
    let name_of = |setting: &String| setting.split('=').next().map(str::to_string);
    let name = name_of(setting)?;
    let first = seen.split(' ').next().unwrap_or_default();
    let are_names = |text: &str| {
        let mut all = settings.iter().filter_map(name_of);
        text.is_empty() || all.any(|name| name == text)
    };
    if !are_names(first) {
        return Some(
            "a line that belongs to no argument: each begins with the name of its option",
        );
    }
    // What the line of a name alone would be after these settings.
    let then = |settings: &[String], name: &str| {
        let all = [settings, &[name.to_string()]].concat();
        lines_of(&all).ok()?.pop()
    };
    let value = |line: &str| line.split(' ').nth(1).map(str::to_string);
    let other = match name.as_str() {
        "SO_RCVBUF" => "SO_SNDBUF",
        "SO_SNDBUF" => "SO_RCVBUF",
        _ => "",
    };
    if !other.is_empty()
        && value(seen) == then(&settings[..=place], other).and_then(|line| value(&line))
    {
        return Some("this is the size of the other buffer: two options were mixed up");
    }
    let zero = (!other.is_empty() || name == "IP_TTL") && setting.ends_with("=0");
    (zero && then(before, &name)? == seen)
        .then_some("0 is a wish like any other, and not the same as none: set it")
}

/// What a program prints that makes all settings before it asks for the first.
fn all_set_first(settings: &[String]) -> io::Result<Vec<String>> {
    let names = settings.iter().map(|setting| {
        let name = setting.split('=').next();
        name.unwrap_or_default().to_string()
    });
    let all: Vec<_> = settings.iter().cloned().chain(names).collect();
    Ok(lines_of(&all)?.split_off(settings.len()))
}

/// Whether these are lines for the same options, and only their order is another.
fn other_order(expected: &[String], output: &str) -> bool {
    let name = |line| str::split(line, ' ').next().unwrap_or_default();
    let mut expected: Vec<&str> = expected.iter().map(|line| name(line)).collect();
    let mut seen: Vec<&str> = output.lines().map(name).collect();
    if seen == expected {
        return false;
    }
    expected.sort_unstable();
    seen.sort_unstable();
    seen == expected
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
