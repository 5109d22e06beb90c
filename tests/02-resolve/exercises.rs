//! The exercises of lesson 02, and what their checks do.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use crate::{Exercise, Kind, Stage, Step, Trouble, said};

/// All of them, in the order of the chapter.
pub const EXERCISES: &[Exercise] = &[NAME_TO_ADDRESSES, ADDRESS_BOOK];

const NAME_TO_ADDRESSES: Exercise = Exercise {
    name: "name-to-addresses",
    lesson: "02-resolve",
    kind: Kind::Build,
    task: "write a program that prints every address of a host and port, each once",
    section: "The question",
    hints: [
        "std asks the resolver for you: a text such as \"localhost:80\" has the method \
         to_socket_addrs, of the trait ToSocketAddrs. It gives all addresses, not one.",
        "Collect the addresses in a Vec, and push an address only when the Vec does not \
         contain it. A SocketAddr prints itself as it is to be printed.",
        "`question.to_socket_addrs()?` in a function that returns io::Result hands on the \
         errors, for a bad port, too; a main that returns io::Result prints them, and ends \
         with exit code 1.",
    ],
    steps: &[
        Step {
            says: "a name with one address gives one line, with the port",
            play: one_address,
        },
        Step {
            says: "a name with several addresses gives all of them",
            play: several,
        },
        Step {
            says: "IPv6 addresses are as good as IPv4 addresses",
            play: both_families,
        },
        Step {
            says: "an address that the resolver knows twice is printed once",
            play: twice,
        },
        Step {
            says: "an address in place of the name is its own answer",
            play: address,
        },
        Step {
            says: "for a name that nobody knows there is an error, and no address",
            play: nobody_knows,
        },
        Step {
            says: "for a port above 65535, too",
            play: large_port,
        },
    ],
};

fn one_address(stage: &mut Stage) -> Result<(), Trouble> {
    let name = fresh_name(stage, 1, 0)?;
    gives_all(stage, &name)
        .map_err(|trouble| trouble.because("the lines must be what the resolver says"))
}

fn several(stage: &mut Stage) -> Result<(), Trouble> {
    let count = stage.chance.usize(3..6);
    let name = fresh_name(stage, count, 0)?;
    gives_all(stage, &name).map_err(|trouble| {
        trouble.because("the resolver gives a list: all of it is wanted")
    })
}

fn both_families(stage: &mut Stage) -> Result<(), Trouble> {
    let counts = (stage.chance.usize(1..3), stage.chance.usize(1..4));
    let name = fresh_name(stage, counts.0, counts.1)?;
    gives_all(stage, &name)?;
    let name = fresh_name(stage, 0, 2)?;
    gives_all(stage, &name)
}

fn twice(stage: &mut Stage) -> Result<(), Trouble> {
    // The equal ones do not stand side by side, so dedup alone does not find them. But
    // the resolver may sort them: hence several names.
    for _ in 0..8 {
        let (four, six, other) = (ipv4(stage), ipv6(stage), ipv4(stage));
        let name = stage.named(&[four, six, other, four, six])?;
        gives_all(stage, &name)?;
    }
    Ok(())
}

fn address(stage: &mut Stage) -> Result<(), Trouble> {
    let addresses = [ipv4(stage), ipv6(stage)];
    for address in addresses {
        let address = SocketAddr::new(address, port(stage));
        gives(stage, &address.to_string(), &[address]).map_err(|trouble| {
            let cause =
                "an IPv6 address has colons of its own: the port follows the last one";
            match address {
                SocketAddr::V4(_) => trouble,
                SocketAddr::V6(_) => trouble.surely(cause).hint(1),
            }
        })?;
    }
    Ok(())
}

fn nobody_knows(stage: &mut Stage) -> Result<(), Trouble> {
    stage.named(&[])?; // in a cage: nothing but localhost is known
    let nobody = format!("{}.invalid", stage.word());
    if !is_told_soon(stage, &nobody) {
        return Ok(());
    }
    let question = format!("{nobody}:{}", port(stage));
    gives_an_error(stage, &question).map_err(|trouble| {
        trouble
            .because("for this name the resolver gives no address")
            .read("Name or service not known")
    })
}

/// Without a cage a name server is asked, and it may keep silent for longer than a
/// program may take: then nothing can be said of the program.
fn is_told_soon(stage: &Stage, name: &str) -> bool {
    let start = Instant::now();
    stage.resolves(name, 0);
    start.elapsed() < Duration::from_secs(2) || crate::cage::caged()
}

fn large_port(stage: &mut Stage) -> Result<(), Trouble> {
    let name = fresh_name(stage, 1, 1)?;
    let port = stage.chance.u32(65_536..100_000);
    gives_an_error(stage, &format!("{name}:{port}")).map_err(|trouble| {
        let cause = "a port has 16 bits: a larger number must not become another port";
        trouble.because(cause).read("A wrong argument")
    })
}

/// A name with so many addresses of each family.
fn fresh_name(stage: &mut Stage, fours: usize, sixes: usize) -> Result<String, Trouble> {
    let mut addresses: Vec<_> = (0..fours).map(|_| ipv4(stage)).collect();
    addresses.extend((0..sixes).map(|_| ipv6(stage)));
    stage.chance.shuffle(&mut addresses);
    stage.named(&addresses)
}

/// An address for examples (RFC 5737): nothing is ever sent there.
fn ipv4(stage: &mut Stage) -> IpAddr {
    Ipv4Addr::new(198, 51, 100, stage.chance.u8(1..)).into()
}

/// An address for examples (RFC 3849).
fn ipv6(stage: &mut Stage) -> IpAddr {
    let last = stage.chance.u16(1..);
    Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, stage.chance.u16(1..), last).into()
}

fn port(stage: &mut Stage) -> u16 {
    stage.chance.u16(1024..)
}

/// Asks the program for a name, and expects what the resolver says.
fn gives_all(stage: &mut Stage, name: &str) -> Result<(), Trouble> {
    let port = port(stage);
    let all = stage.resolves(name, port);
    gives(stage, &format!("{name}:{port}"), &all)
}

fn gives(stage: &mut Stage, question: &str, all: &[SocketAddr]) -> Result<(), Trouble> {
    let (status, lines) = stage.starts([question.to_string()])?.ends_with_lines()?;
    same(&lines, all)?;
    if !status.success() {
        let trouble = Trouble::fail("exit code 0", said(status));
        return Err(trouble.because("there was an answer, and yet the program failed"));
    }
    Ok(())
}

/// Compares lines with addresses, in any order.
fn same(lines: &[String], all: &[SocketAddr]) -> Result<(), Trouble> {
    let expected = list(all.iter().map(ToString::to_string));
    let fail = || Trouble::fail(&expected, list(lines.iter().cloned()));
    let mut found = Vec::new();
    for line in lines {
        let Some(address) = all.iter().find(|address| address.to_string() == *line)
        else {
            let trouble = fail();
            return Err(match supposed(line, all) {
                Some((cause, hint)) => trouble.surely(cause).hint(hint),
                None => trouble,
            });
        };
        if found.contains(&address) {
            return Err(fail().surely("an address is printed twice").hint(2));
        }
        found.push(address);
    }
    let Some(missing) = all.iter().find(|address| !found.contains(address)) else {
        return Ok(());
    };
    let alike = |one: &&SocketAddr| one.is_ipv4() == missing.is_ipv4();
    let whole_family = !found.iter().any(alike);
    if whole_family && (!lines.is_empty() || missing.is_ipv6()) {
        let family = if missing.is_ipv4() { "IPv4" } else { "IPv6" };
        return Err(fail()
            .because(format!("the {family} addresses are missing"))
            .hint(1));
    }
    let trouble = fail();
    Err(if lines.is_empty() {
        trouble
    } else {
        trouble.because("some addresses are missing: a name may have several")
    })
}

/// What is wrong with a line that is none of the addresses.
fn supposed(line: &str, all: &[SocketAddr]) -> Option<(&'static str, u8)> {
    if line.contains("::ffff:") {
        let cause = "an IPv4 address was turned into an IPv6 address: it is to stay one";
        return Some((cause, 3));
    }
    let mut words = line.split([' ', ',']).filter(|word| !word.is_empty());
    if words.clone().count() > 1 && words.all(|word| word.parse::<SocketAddr>().is_ok()) {
        return Some(("each address has a line of its own", 2));
    }
    if line.contains("V4(") || line.contains("V6(") {
        let cause = "an address is to be printed as SocketAddr prints itself with {}";
        return Some((cause, 2));
    }
    if let Ok(address) = line.parse::<SocketAddr>() {
        return if all.iter().any(|one| one.ip() == address.ip()) {
            Some(("the port is not the one that was asked for", 2))
        } else {
            Some(("this address is none of those that the resolver gives", 1))
        };
    }
    let plain = all.iter().any(|one| line == one.ip().to_string());
    if plain {
        return Some(("the port is missing: a line is an address and a port", 2));
    }
    let unbracketed = |one: &SocketAddr| line == format!("{}:{}", one.ip(), one.port());
    if all.iter().any(unbracketed) {
        return Some(("an IPv6 address with a port stands in brackets", 2));
    }
    None
}

fn list(lines: impl Iterator<Item = String>) -> String {
    const SHOWN: usize = 8;
    let mut lines: Vec<_> = lines.collect();
    let more = lines.len().saturating_sub(SHOWN);
    lines.truncate(SHOWN);
    if more > 0 {
        lines.push(format!("({more} lines more)"));
    }
    if lines.is_empty() {
        return "no line".into();
    }
    lines.join("\n")
}

fn gives_an_error(stage: &mut Stage, question: &str) -> Result<(), Trouble> {
    let program = stage.starts([question.to_string()])?;
    let (status, lines) = program.ends_with_lines()?;
    let expected = format!("an error for {question}, and an exit code that is not 0");
    if !lines.is_empty() {
        return Err(Trouble::fail(expected, list(lines.into_iter())));
    }
    if status.success() {
        let trouble = Trouble::fail(expected, said(status));
        let cause = "the error was passed over: nobody can tell it from an empty list";
        return Err(trouble.surely(cause).hint(3));
    }
    let trouble = Trouble::fail(expected, said(status));
    let checked = program.crash(trouble.clone());
    if checked != trouble {
        return Err(checked
            .surely("an error is no panic: a name can be unknown on any day")
            .hint(3));
    }
    if program.complaints().trim().is_empty() {
        let cause = "the program failed without a word on standard error";
        return Err(trouble.surely(cause).hint(3));
    }
    Ok(())
}

const ADDRESS_BOOK: Exercise = Exercise {
    name: "address-book",
    lesson: "02-resolve",
    kind: Kind::Repair,
    task: "make an address book that knows every name that the resolver knows",
    section: "The answer",
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
            says: "an unknown name is called so, and the next one is listed",
            play: unknown,
        },
        Step {
            says: "an IPv6 address in brackets is listed as itself",
            play: brackets,
        },
    ],
};

fn listed(stage: &mut Stage) -> Result<(), Trouble> {
    let name = fresh_name(stage, 1, 0)?;
    book(stage, &[&name]).map_err(|trouble| {
        trouble.because("a line is the argument as it came, a space, and an address")
    })
}

fn several_names(stage: &mut Stage) -> Result<(), Trouble> {
    let name = fresh_name(stage, 3, 0)?;
    let plain = [ipv4(stage), ipv4(stage)].map(|address| address.to_string());
    let mut hosts = [&name[..], &plain[0], "127.0.0.1", &plain[1]];
    stage.chance.shuffle(&mut hosts);
    book(stage, &hosts).map_err(|trouble| {
        trouble.because("each argument has its own lines, and a name may have several")
    })
}

fn only_six(stage: &mut Stage) -> Result<(), Trouble> {
    let count = stage.chance.usize(1..4);
    let name = fresh_name(stage, 0, count)?;
    book(stage, &[&name]).map_err(|trouble| {
        trouble
            .because(
                "the resolver gives IPv6 addresses for this name, and they were left out",
            )
            .hint(2)
    })
}

fn mixed(stage: &mut Stage) -> Result<(), Trouble> {
    let counts = (stage.chance.usize(2..4), stage.chance.usize(2..4));
    let name = fresh_name(stage, counts.0, counts.1)?;
    book(stage, &[&name])
}

fn unknown(stage: &mut Stage) -> Result<(), Trouble> {
    let name = fresh_name(stage, 1, 1)?;
    let nobody = format!("{}.invalid", stage.word());
    if !is_told_soon(stage, &nobody) {
        return Ok(());
    }
    book(stage, &[&nobody, &name]).map_err(|trouble| {
        trouble
            .surely(
                "a name that nobody knows is a line of its own, and no reason to stop",
            )
            .read("Name or service not known")
    })
}

fn brackets(stage: &mut Stage) -> Result<(), Trouble> {
    let address = format!("[{}]", ipv6(stage));
    let name = fresh_name(stage, 1, 1)?;
    book(stage, &[&address, &name]).map_err(|trouble| {
        let cause = "an IPv6 address is as good as any: keep it, and look for its port \
                     behind the last colon";
        trouble.because(cause).hint(3)
    })
}

/// Asks the program for several hosts, and compares the lines of each with the resolver's.
fn book(stage: &mut Stage, hosts: &[&str]) -> Result<(), Trouble> {
    let questions: Vec<_> = hosts
        .iter()
        .map(|host| {
            let port = port(stage);
            let bare = host.trim_matches(['[', ']']);
            (format!("{host}:{port}"), stage.resolves(bare, port))
        })
        .collect();
    let args: Vec<_> = questions
        .iter()
        .map(|(question, _)| question.clone())
        .collect();
    let (status, lines) = stage.starts(args)?.ends_with_lines()?;
    let mut lines = &lines[..];
    for (question, all) in &questions {
        let start = format!("{question} ");
        let count = lines
            .iter()
            .take_while(|line| line.starts_with(&start))
            .count();
        let (own, rest) = lines.split_at(count);
        let own: Vec<_> = own
            .iter()
            .map(|line| line[start.len()..].trim_end().into())
            .collect();
        let none = own == ["unknown"];
        if all.is_empty() && !none {
            let expected = format!("the line \"{question} unknown\"");
            return Err(Trouble::fail(expected, ended(&own, lines, said(status))));
        }
        if !all.is_empty() && none {
            let expected = list(all.iter().map(|address| format!("{start}{address}")));
            return Err(Trouble::fail(expected, format!("{start}unknown")));
        }
        if !all.is_empty() && own.is_empty() {
            let expected = list(all.iter().map(|address| format!("{start}{address}")));
            let trouble = Trouble::fail(expected, ended(&own, lines, said(status)));
            return Err(if lines.is_empty() && status.success() {
                trouble.because("for this name there is no line at all")
            } else {
                trouble
            });
        }
        if let Some("unknown") = own.last().map(String::as_str)
            && !none
        {
            let trouble = Trouble::fail("addresses, or `unknown`", "both");
            return Err(
                trouble.because("a name that has addresses is called unknown, too")
            );
        }
        if !all.is_empty() {
            same(&own, all)?;
        }
        lines = rest;
    }
    if let Some(line) = lines.first() {
        let trouble = Trouble::fail("no more lines", format!("\"{line}\""));
        return Err(trouble.because("there are more lines than were asked for"));
    }
    if !status.success() {
        let trouble = Trouble::fail("exit code 0", said(status));
        return Err(trouble.because("an unknown name is no failure of the program"));
    }
    Ok(())
}

/// What stands there in place of the lines that were expected.
fn ended(own: &[String], rest: &[String], status: String) -> String {
    match (own.first(), rest.first()) {
        (Some(own), _) => format!("\"{own}\""),
        (None, Some(line)) => format!("\"{line}\""),
        (None, None) => format!("no line, and the end with {status}"),
    }
}
