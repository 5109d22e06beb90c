//! `address-book`: the task, and what its check does.

use std::net::SocketAddr;
use std::process::ExitStatus;

use checker::{Exercise, Failure, Kind, Stage, Step, said};

use crate::resolve::{fresh_name, ipv4, ipv6, is_told_soon, list, mapped, port, same};

/// The exercise, and the steps of its check.
pub const EXERCISE: Exercise = Exercise {
    name: "address-book",
    lesson: "02-resolve",
    kind: Kind::Repair,
    task: "make an address book that knows every name that the resolver knows",
    section: "Step 1: the addresses of a name",
    hints: [
        "Ask lesson 02 for the same name: cargo run -p resolve -- NAME. Which addresses \
         does it find that this program does not print?",
        "Look at the types: what can be kept in a Vec<SocketAddrV4>, and what becomes of \
         all other addresses?",
        "A SocketAddr is either V4 or V6. Keep a Vec<SocketAddr>, and nothing has to be \
         sorted out.",
    ],
    steps: &[
        Step {
            says: "a name is listed with its IPv4 address",
            play: listed,
        },
        Step {
            says: "several names are listed in the order of the arguments",
            play: several_names,
        },
        Step {
            says: "a name that has only IPv6 addresses is listed, too",
            play: only_six,
        },
        Step {
            says: "a name with addresses of both families is listed with all of them",
            play: mixed,
        },
        Step {
            says: "an address that the resolver knows twice is listed once",
            play: twice,
        },
        Step {
            says: "an unknown name is called so, and the next one is listed",
            play: unknown,
        },
        Step {
            says: "an IPv6 address in brackets is listed as itself",
            play: brackets,
        },
        Step {
            says: "a name that is asked for again, with another port or the same, is listed again",
            play: again,
        },
        Step {
            says: "a name with many addresses is listed with all of them, as is localhost",
            play: many,
        },
        Step {
            says: "what is no HOST:PORT is unknown, too",
            play: no_question,
        },
    ],
};

fn listed(stage: &mut Stage) -> Result<(), Failure> {
    let name = fresh_name(stage, 1, 0)?;
    // A name has no upper and lower case for the resolver, but the line is as the argument.
    book(stage, &[&name, &name.to_uppercase()]).map_err(|failure| {
        failure.likely("a line is the argument as it came, a space, and an address")
    })
}

fn several_names(stage: &mut Stage) -> Result<(), Failure> {
    let name = fresh_name(stage, 3, 0)?;
    let plain = [ipv4(stage), ipv4(stage)].map(|address| address.to_string());
    let mut hosts = [&name[..], &plain[0], "127.0.0.1", &plain[1]];
    stage.chance.shuffle(&mut hosts);
    book(stage, &hosts).map_err(|failure| {
        failure.likely("each argument has its own lines, and a name may have several")
    })
}

fn only_six(stage: &mut Stage) -> Result<(), Failure> {
    let count = stage.chance.usize(1..4);
    let name = fresh_name(stage, 0, count)?;
    book(stage, &[&name]).map_err(|failure| {
        failure
            .likely(
                "the resolver gives IPv6 addresses for this name, and they were left out",
            )
            .hint(1)
    })
}

fn mixed(stage: &mut Stage) -> Result<(), Failure> {
    let counts = (stage.chance.usize(2..4), stage.chance.usize(2..4));
    let name = fresh_name(stage, counts.0, counts.1)?;
    book(stage, &[&name])
}

fn twice(stage: &mut Stage) -> Result<(), Failure> {
    // The equal ones do not stand side by side, so dedup alone does not find them. But
    // the resolver may sort them: hence several names.
    let mut names = Vec::new();
    let mut hosts = String::from("127.0.0.1 localhost\n::1 localhost\n");
    for _ in 0..8 {
        let name = format!("{}.test", stage.word());
        let (four, six, other) = (ipv4(stage), ipv6(stage), ipv4(stage));
        for address in [four, six, other, four, six] {
            hosts += &format!("{address} {name}\n");
        }
        names.push(name);
    }
    if !stage.hosts(&hosts)? || stage.resolves(&names[0], 0).is_empty() {
        return Ok(()); // without a sandbox no name is ours
    }
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    book(stage, &names)
}

fn unknown(stage: &mut Stage) -> Result<(), Failure> {
    let name = fresh_name(stage, 1, 1)?;
    let nobody = format!("{}.invalid", stage.word());
    if !is_told_soon(stage, &nobody) {
        return Ok(());
    }
    book(stage, &[&nobody, &name]).map_err(|failure| {
        failure
            .certain(
                "a name that nobody knows is a line of its own, and no reason to stop",
            )
            .read("Name or service not known")
    })
}

fn brackets(stage: &mut Stage) -> Result<(), Failure> {
    let address = format!("[{}]", ipv6(stage));
    let mapped = format!("[{}]", mapped(stage));
    let name = fresh_name(stage, 1, 1)?;
    book(stage, &[&address, &name, &mapped]).map_err(|failure| {
        let cause = "an IPv6 address is as good as any: keep it, and look for its port \
                     behind the last colon";
        failure.likely(cause).hint(3)
    })
}

fn again(stage: &mut Stage) -> Result<(), Failure> {
    let name = fresh_name(stage, 2, 2)?;
    let other = ipv4(stage).to_string();
    let port = port(stage);
    // The smallest port and the largest are ports.
    let asked = [(&name, port), (&other, 0), (&name, 65_535), (&name, port)];
    answers(stage, &asked.map(|(host, port)| question(stage, host, port))).map_err(|failure| {
        let cause = "each argument is a question of its own: what was listed for another one \
                     counts for nothing";
        failure.likely(cause).hint(3)
    })
}

fn many(stage: &mut Stage) -> Result<(), Failure> {
    let count = stage.chance.usize(12..16);
    let name = fresh_name(stage, count, count)?;
    book(stage, &[&name, "localhost"]).map_err(|failure| {
        failure.likely("some addresses are missing: all of them are wanted")
    })
}

fn no_question(stage: &mut Stage) -> Result<(), Failure> {
    let name = fresh_name(stage, 1, 1)?;
    let word = stage.word();
    let wrong = [name.clone(), format!("{name}:7{word}"), String::new()];
    let mut questions: Vec<_> = wrong.into_iter().map(|it| (it, Vec::new())).collect();
    stage.chance.shuffle(&mut questions);
    let port = port(stage);
    questions.push(question(stage, &name, port));
    answers(stage, &questions).map_err(|failure| {
        let cause = "an argument without a port, or with one that is none, is a line of its \
                     own, too: `unknown`, and no reason to stop";
        failure.certain(cause).hint(3)
    })
}

/// HOST:PORT, and what the resolver says to it.
fn question(stage: &Stage, host: &str, port: u16) -> (String, Vec<SocketAddr>) {
    let bare = host.trim_matches(['[', ']']);
    (format!("{host}:{port}"), stage.resolves(bare, port))
}

/// Asks the program for several hosts, each with a port of its own.
fn book(stage: &mut Stage, hosts: &[&str]) -> Result<(), Failure> {
    let mut questions = Vec::new();
    for host in hosts {
        let port = port(stage);
        questions.push(question(stage, host, port));
    }
    answers(stage, &questions)
}

/// Asks the program, and compares the lines of each question with what the resolver says.
fn answers(
    stage: &mut Stage,
    questions: &[(String, Vec<SocketAddr>)],
) -> Result<(), Failure> {
    let args: Vec<_> = questions
        .iter()
        .map(|(question, _)| question.clone())
        .collect();
    let (status, lines) = stage.starts(args)?.ends_with_lines()?;
    let mut lines = &lines[..];
    for (question, all) in questions {
        let start = format!("{question} ");
        let own = lines.iter().take_while(|line| line.starts_with(&start));
        let (own, rest) = lines.split_at(own.count());
        let own: Vec<_> = own
            .iter()
            .map(|line| line[start.len()..].trim_end().into())
            .collect();
        if all.is_empty() {
            unknown_to_all(question, &own, rest, status)?;
        } else {
            addresses(question, all, &own, rest, status)?;
        }
        lines = rest;
    }
    if let Some(line) = lines.first() {
        let failure = Failure::new("no more lines", format!("\"{line}\""));
        return Err(failure.likely("there are more lines than were asked for"));
    }
    if !status.success() {
        let failure = Failure::new("exit code 0", said(status));
        return Err(failure.likely("an unknown name is no failure of the program"));
    }
    Ok(())
}

/// The lines of a name that the resolver does not know, without the name: one word.
fn unknown_to_all(
    question: &str,
    own: &[String],
    rest: &[String],
    status: ExitStatus,
) -> Result<(), Failure> {
    if own == ["unknown"] {
        return Ok(());
    }
    let expected = format!("the line \"{question} unknown\"");
    Err(Failure::new(expected, ended(own, rest, said(status))))
}

/// The lines of a name that has addresses, without the name: all of them, and no word.
fn addresses(
    question: &str,
    all: &[SocketAddr],
    own: &[String],
    rest: &[String],
    status: ExitStatus,
) -> Result<(), Failure> {
    let expected = list(all.iter().map(|address| format!("{question} {address}")));
    if own == ["unknown"] {
        let failure = Failure::new(expected, format!("{question} unknown"));
        let cause =
            "the resolver gives IPv4 addresses for this name, and they were left out";
        return Err(match all.iter().all(SocketAddr::is_ipv4) {
            true => failure.likely(cause).hint(2),
            false => failure,
        });
    }
    let Some(last) = own.last() else {
        let failure = Failure::new(expected, ended(own, rest, said(status)));
        return Err(match rest.is_empty() && status.success() {
            true => failure.likely("for this name there is no line at all"),
            false => failure,
        });
    };
    if last == "unknown" {
        let failure = Failure::new("addresses, or `unknown`", "both");
        return Err(failure.likely("a name that has addresses is called unknown, too"));
    }
    same(own, all)
}

/// What stands there in place of the lines that were expected.
fn ended(own: &[String], rest: &[String], status: String) -> String {
    match (own.first(), rest.first()) {
        (Some(own), _) => format!("\"{own}\""),
        (None, Some(line)) => format!("\"{line}\""),
        (None, None) => format!("no line, and the end with {status}"),
    }
}
