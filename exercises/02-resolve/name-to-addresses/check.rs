//! `name-to-addresses`: the task, and what its check does.

use std::net::SocketAddr;

use checker::{Exercise, Failure, Kind, Stage, Step, said};

use crate::resolve::{fresh_name, ipv4, ipv6, is_told_soon, list, mapped, port, same};

/// The exercise, and the steps of its check.
pub const EXERCISE: Exercise = Exercise {
    name: "name-to-addresses",
    lesson: "02-resolve",
    kind: Kind::Build,
    task: "write a program that prints every address of a host and port, each once",
    section: "Step 1: the addresses of a name",
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
        Step {
            says: "for no port, and for words that are no port, too",
            play: no_port,
        },
        Step {
            says: "0 and 65535 are ports, and a name with many addresses gives all of them",
            play: many,
        },
    ],
};

fn one_address(stage: &mut Stage) -> Result<(), Failure> {
    let name = fresh_name(stage, 1, 0)?;
    gives_all(stage, &name)
        .map_err(|failure| failure.likely("the lines must be what the resolver says"))
}

fn several(stage: &mut Stage) -> Result<(), Failure> {
    let count = stage.chance.usize(3..6);
    let name = fresh_name(stage, count, 0)?;
    gives_all(stage, &name).map_err(|failure| {
        failure.likely("the resolver gives a list: all of it is wanted")
    })
}

fn both_families(stage: &mut Stage) -> Result<(), Failure> {
    let counts = (stage.chance.usize(1..3), stage.chance.usize(1..4));
    let name = fresh_name(stage, counts.0, counts.1)?;
    gives_all(stage, &name)?;
    let name = fresh_name(stage, 0, 2)?;
    gives_all(stage, &name)
}

fn twice(stage: &mut Stage) -> Result<(), Failure> {
    // The equal ones do not stand side by side, so dedup alone does not find them. But
    // the resolver may sort them: hence several names.
    for _ in 0..8 {
        let (four, six, other) = (ipv4(stage), ipv6(stage), ipv4(stage));
        let name = stage.named(&[four, six, other, four, six])?;
        gives_all(stage, &name)?;
    }
    Ok(())
}

fn address(stage: &mut Stage) -> Result<(), Failure> {
    let addresses = [ipv4(stage), ipv6(stage), mapped(stage)];
    for address in addresses {
        let address = SocketAddr::new(address, port(stage));
        gives(stage, &address.to_string(), &[address]).map_err(|failure| {
            let cause =
                "an IPv6 address has colons of its own: the port follows the last one";
            // Another address than that one has been seen for what it is.
            match (address, failure.seen == "no line") {
                (SocketAddr::V6(_), true) => failure.certain(cause).hint(1),
                _ => failure,
            }
        })?;
    }
    Ok(())
}

fn nobody_knows(stage: &mut Stage) -> Result<(), Failure> {
    stage.named(&[])?; // in a sandbox: nothing but localhost is known
    let nobody = format!("{}.invalid", stage.word());
    if !is_told_soon(stage, &nobody) {
        return Ok(());
    }
    let question = format!("{nobody}:{}", port(stage));
    gives_an_error(stage, &question).map_err(|failure| {
        failure
            .likely("for this name the resolver gives no address")
            .read("Name or service not known")
    })
}

fn large_port(stage: &mut Stage) -> Result<(), Failure> {
    let name = fresh_name(stage, 1, 1)?;
    let port = stage.chance.u32(65_536..100_000);
    gives_an_error(stage, &format!("{name}:{port}")).map_err(|failure| {
        let cause = "a port has 16 bits: a larger number must not become another port";
        failure.likely(cause).read("A wrong argument")
    })
}

fn no_port(stage: &mut Stage) -> Result<(), Failure> {
    let name = fresh_name(stage, 1, 1)?;
    let word = stage.word();
    for port in ["", ":-1", ":http", &format!(":7{word}")] {
        gives_an_error(stage, &format!("{name}{port}")).map_err(|failure| {
            let cause = "a port is a number from 0 to 65535, and it is not guessed where it is \
                         missing";
            failure.likely(cause).read("A wrong argument")
        })?;
    }
    if !stage.resolves("", 80).is_empty() {
        return Ok(()); // some resolvers take no name for this very machine
    }
    gives_an_error(stage, ":80").map_err(|failure| {
        let cause = "no name is no name that the resolver knows: the host is not guessed";
        failure.likely(cause).read("A wrong argument")
    })
}

fn many(stage: &mut Stage) -> Result<(), Failure> {
    let count = stage.chance.usize(12..16);
    let name = fresh_name(stage, count, count)?;
    for port in [0, u16::MAX] {
        let all = stage.resolves(&name, port);
        let given = gives(stage, &format!("{name}:{port}"), &all);
        given.map_err(|failure| match failure.seen == "no line" {
            true => {
                failure.certain("0 is a port, as is 65535, and none of them is an error")
            }
            false => failure,
        })?;
    }
    // Names have no upper and lower case.
    gives_all(stage, &name.to_uppercase())
        .map_err(|failure| failure.likely("the resolver finds a name in capitals, too"))
}

/// Asks the program for a name, and expects what the resolver says.
fn gives_all(stage: &mut Stage, name: &str) -> Result<(), Failure> {
    let port = port(stage);
    let all = stage.resolves(name, port);
    gives(stage, &format!("{name}:{port}"), &all)
}

fn gives(stage: &mut Stage, question: &str, all: &[SocketAddr]) -> Result<(), Failure> {
    let (status, lines) = stage.starts([question.to_string()])?.ends_with_lines()?;
    same(&lines, all).map_err(|failure| match (lines.first(), status.success()) {
        (None, false) => failure.likely(format!(
            "it gave no address, and ended with {}: the resolver knows some",
            said(status)
        )),
        _ => failure,
    })?;
    if !status.success() {
        let failure = Failure::new("exit code 0", said(status));
        return Err(failure.likely("there was an answer, and yet the program failed"));
    }
    Ok(())
}

fn gives_an_error(stage: &mut Stage, question: &str) -> Result<(), Failure> {
    let program = stage.starts([question.to_string()])?;
    let (status, lines) = program.ends_with_lines()?;
    let expected = format!("an error for {question}, and an exit code that is not 0");
    if !lines.is_empty() {
        let an_address = |line: &String| line.parse::<SocketAddr>().is_ok();
        let words = !lines.iter().any(an_address);
        let failure = Failure::new(expected, list(lines.into_iter()));
        let cause = "the reason goes to standard error: on standard output there are addresses \
                     only";
        return Err(match words {
            true => failure.certain(cause).hint(3),
            false => failure,
        });
    }
    if status.success() {
        let failure = Failure::new(expected, said(status));
        let cause = "the error was passed over: nobody can tell it from an empty list";
        return Err(failure.certain(cause).hint(3));
    }
    let failure = Failure::new(expected, said(status));
    let checked = program.crash(failure.clone());
    if checked != failure {
        return Err(checked
            .certain("an error is no panic: a name can be unknown on any day")
            .hint(3));
    }
    if program.complaints().trim().is_empty() {
        let cause = "the program failed without a word on standard error";
        return Err(failure.certain(cause).hint(3));
    }
    Ok(())
}
