//! `reach-the-server`: the task, and what its check does.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::process::ExitStatus;

use checker::{
    Attempts, Door, Exercise, Failure, Kind, Program, Stage, Step, said, sockets,
};

use crate::connect::{
    enough, in_time, loopback, said_nothing, waits_long_enough, waits_too_long, who_came,
};

/// The exercise, and the steps of its check.
pub const EXERCISE: Exercise = Exercise {
    name: "reach-the-server",
    lesson: "03-connect",
    kind: Kind::Repair,
    task: "make a client that reaches a server wherever its name says it may be",
    section: "Step 3: each address of a name",
    hints: [
        "How many addresses does the name have? `cargo run -p resolve -- localhost` shows \
         them. Which of them does the program try?",
        "to_socket_addrs gives an iterator over all addresses. One that fails is no reason \
         to give up: keep its error, and go on with the next.",
        "`for address in server.to_socket_addrs()? { match TcpStream::connect_timeout(…) { \
         Ok(stream) => return Ok(stream), Err(error) => last = error } }`, and after the \
         loop Err(last).",
    ],
    steps: &[
        Step {
            says: "a server at the only address of a name is reached",
            play: only_address,
        },
        Step {
            says: "a server at the last of several addresses is reached",
            play: last_address,
        },
        Step {
            says: "where all addresses answer, the first one is taken, and only that",
            play: first_wins,
        },
        Step {
            says: "a name may have addresses of both families, in the resolver's order",
            play: both_families,
        },
        Step {
            says: "an address that does not answer is left after a moment",
            play: silent_address,
        },
        Step {
            says: "when nobody listens the program says so, and fails",
            play: nobody,
        },
    ],
};

fn only_address(stage: &mut Stage) -> Result<(), Failure> {
    let (question, all) = place(stage, 1)?;
    let door = stage.door_at(all[0])?;
    reaches(stage, &question, &door)
}

fn last_address(stage: &mut Stage) -> Result<(), Failure> {
    let count = stage.chance.usize(3..6);
    let (question, all) = place(stage, count)?;
    let door = stage.door_at(all[all.len() - 1])?;
    reaches(stage, &question, &door).map_err(|failure| {
        let cause = "an address refused, and one after it was not tried: all of them have their turn";
        failure.likely(cause).hint(1)
    })
}

fn first_wins(stage: &mut Stage) -> Result<(), Failure> {
    let (question, all) = place(stage, 3)?;
    takes_the_first(stage, &question, &all)
}

fn both_families(stage: &mut Stage) -> Result<(), Failure> {
    // The resolver may put a family last that a program puts first: here it does so with an
    // IPv4 address that is written as one of IPv6 (RFC 4291).
    let mapped = loopback(stage).to_ipv6_mapped().into();
    let addresses = [loopback(stage).into(), mapped];
    let (question, all) = place_of(stage, &addresses)?;
    if all[0].is_ipv4() && all.len() > 1 {
        takes_the_first(stage, &question, &all)?;
    }
    let addresses = [loopback(stage).into(), Ipv6Addr::LOCALHOST.into()];
    let (question, all) = place_of(stage, &addresses)?;
    let [_, last] = &all[..] else {
        return Ok(()); // without a sandbox a name may have one address only
    };
    if stage.door_at(all[0]).is_err() {
        return Ok(()); // a machine without IPv6
    }
    takes_the_first(stage, &question, &all)?;
    let door = stage.door_at(*last)?;
    reaches(stage, &question, &door).map_err(|failure| {
        let cause = "an address refused, and the one of the other family was not tried";
        failure.likely(cause).hint(2)
    })
}

/// All of these addresses answer: the program takes the first, and leaves the others alone.
fn takes_the_first(
    stage: &mut Stage,
    question: &str,
    all: &[SocketAddr],
) -> Result<(), Failure> {
    let door = stage.door_at(all[0])?;
    let others: Result<Vec<_>, Failure> = all[1..]
        .iter()
        .map(|address| stage.door_at(*address))
        .collect();
    let others = others?;
    let reached = reaches(stage, question, &door);
    let more = others.iter().find(|other| other.sends_away() > 0);
    if let Some(other) = more {
        let seen = format!("a connection to {}, too", other.address());
        let seen = if reached.is_ok() {
            seen
        } else {
            seen.replace(", too", "")
        };
        let failure = Failure::new(format!("a connection to {} only", all[0]), seen);
        let cause = "the addresses come in the order to try them, and the first that answers \
                     is the one";
        return Err(failure.likely(cause).hint(3));
    }
    reached
}

fn silent_address(stage: &mut Stage) -> Result<(), Failure> {
    in_time(stage, passes_silence)
}

fn passes_silence(stage: &mut Stage) -> Result<Option<Attempts>, Failure> {
    let (question, all) = place(stage, 3)?;
    let [silent @ .., last] = &all[..] else {
        return Ok(None); // without a sandbox a name may have one address only
    };
    let silences: Result<Vec<_>, Failure> =
        silent.iter().map(|one| stage.silence(*one)).collect();
    let _silences = silences?;
    let door = stage.door_at(*last)?;
    stage.starts([question])?;
    let attempts = Attempts::of(stage.program()?, silent, enough(silent.len()));
    waits_too_long(attempts, enough(silent.len()))?;
    reached(stage, &door).map_err(|failure| {
        let cause = "an attempt that timed out has failed as one that was refused: the next \
                     address has its turn";
        failure.certain(cause).hint(3).read("A host that does not answer")
    })?;
    waits_long_enough(attempts)?;
    match attempts.map(|attempts| attempts.count) {
        Some(count) if count > silent.len() => {
            let expected = format!("{} attempts, one for each address", silent.len());
            let failure = Failure::new(expected, format!("{count} attempts"));
            Err(failure.certain("each address has its turn once"))
        }
        _ => Ok(attempts),
    }
}

fn nobody(stage: &mut Stage) -> Result<(), Failure> {
    let (question, all) = place(stage, 3)?;
    // The attempts at one that is silent can be counted.
    let _silence = stage.silence(all[0])?;
    let before = sockets::attempts();
    let program = stage.starts([question])?;
    let attempts = Attempts::of(program, &all[..1], enough(1));
    let (status, lines) = program.ends_with_lines()?;
    let expected = "an error, and an exit code that is not 0";
    if let Some(line) = lines.iter().find(|line| line.starts_with("connected")) {
        let failure = Failure::new(expected, format!("\"{line}\""));
        return Err(failure.certain("no connection was made, and it speaks of one"));
    }
    let failure = Failure::new(expected, said(status));
    if status.success() {
        let cause = "the last error is to be the result of the program";
        return Err(failure.certain(cause).hint(3));
    }
    let crashed = program.crash(failure.clone());
    if crashed != failure {
        return Err(crashed.certain("a server that is not there is no reason to panic"));
    }
    if program.complaints().trim().is_empty() {
        return Err(
            failure.certain("the program failed without a word on standard error")
        );
    }
    // In a network of its own nobody else connects, and the kernel counts them all.
    let counted = sockets::attempts().zip(before);
    let in_all = counted.map(|(now, before)| now.saturating_sub(before));
    let at_one = attempts.map(|attempts| attempts.count);
    if at_one.is_some_and(|count| count > 1)
        || in_all.is_some_and(|count| count > all.len() as u64)
    {
        let seen = "more than one at some of them";
        return Err(Failure::new("one attempt at each address", seen)
            .certain("each address has its turn once: then the client gives up"));
    }
    Ok(())
}

/// A name with so many addresses, all of this machine and in the resolver's order, and a
/// port that is free on each of them.
fn place(stage: &mut Stage, count: usize) -> Result<(String, Vec<SocketAddr>), Failure> {
    let addresses: Vec<IpAddr> = (0..count).map(|_| loopback(stage).into()).collect();
    place_of(stage, &addresses)
}

/// The same with these addresses.
fn place_of(
    stage: &mut Stage,
    addresses: &[IpAddr],
) -> Result<(String, Vec<SocketAddr>), Failure> {
    let name = stage.named(addresses)?;
    let port = stage.free_ports(1);
    let all = stage.resolves(&name, port);
    if all.is_empty() {
        let none = std::io::Error::other("the resolver knows no address of it");
        return Err(Failure::checker(name, &none));
    }
    Ok((format!("{name}:{port}"), all))
}

/// Starts the program, which must come in at this door, and print its address.
fn reaches(stage: &mut Stage, question: &str, door: &Door) -> Result<(), Failure> {
    stage.starts([question.to_string()])?;
    reached(stage, door)
}

/// The program that runs has come in at this door, and printed its address.
fn reached(stage: &mut Stage, door: &Door) -> Result<(), Failure> {
    let wanted = format!("connected to {}", door.address());
    let (status, lines) = ends(stage.program()?, &wanted)?;
    let has_its_line = lines == [wanted.clone()];
    let peer = match has_its_line {
        true => who_came(door)?,
        false => door.lets_in_who_waits()?,
    };
    let Some(mut peer) = peer else {
        return Err(nobody_came(door, &lines, &wanted, status));
    };
    if !has_its_line {
        let seen = lines
            .first()
            .map_or("no line".into(), |line| format!("\"{line}\""));
        let failure = Failure::new(format!("the line \"{wanted}\""), seen);
        return Err(failure.likely(if lines.len() > 1 {
            "there is to be one line, printed when a connection is made"
        } else {
            "the line is made of the peer's address: peer_addr"
        }));
    }
    let more = door.sends_away();
    if more > 0 {
        let seen = format!("{} connections", 1 + more);
        let failure = Failure::new("one connection", seen);
        return Err(failure.likely("it has connected more than once"));
    }
    if !status.success() {
        return Err(Failure::new("exit code 0", said(status))
            .likely("it has connected, and yet the program failed"));
    }
    said_nothing(&mut peer)
}

/// The program's end and its lines. One that has the line by then waits for what nobody says.
fn ends(
    program: &mut Program,
    wanted: &str,
) -> Result<(ExitStatus, Vec<String>), Failure> {
    program.ends_with_lines().map_err(|failure| {
        let output = program.output();
        let printed = String::from_utf8_lossy(&output).lines().any(|line| line == wanted);
        match printed {
            true => failure.certain(
                "it has connected and does not end: it is to close the connection itself, and \
                 not to wait for the server",
            ),
            false => failure,
        }
    })
}

fn nobody_came(
    door: &Door,
    lines: &[String],
    wanted: &str,
    status: ExitStatus,
) -> Failure {
    let expected = format!("a connection to {}", door.address());
    let seen = match lines.last() {
        Some(line) => format!("nobody came; it printed \"{line}\""),
        None => format!("nobody came; the program ended with {}", said(status)),
    };
    let failure = Failure::new(expected, seen);
    match lines == [wanted] {
        true => failure.certain("it speaks of a connection, and has made none"),
        false => failure,
    }
}
