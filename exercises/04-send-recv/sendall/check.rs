//! `sendall`: the task, and what its check does.

use std::net::Ipv6Addr;
use std::ops::Range;
use std::thread;
use std::time::Duration;

use checker::{ANSWER, Door, Exercise, Failure, Kind, Peer, Stage, Step, quoted, said};

use crate::send_recv::fails;

/// The exercise, and the steps of its check.
pub const EXERCISE: Exercise = Exercise {
    name: "sendall",
    lesson: "04-send-recv",
    kind: Kind::Build,
    task: "send any number of bytes with send alone, and lose none",
    section: "send is not sendall",
    hints: [
        "send says how many bytes it took. The rest is still yours: send it again, and \
         again, until nothing is left.",
        "bytes = &bytes[count..] makes the slice begin after what was taken. The error \
         Interrupted is no end: the same call once more. Every other error is returned.",
        "Make the bytes of the pattern in a Vec<u8>, and loop while !bytes.is_empty(): match \
         socket.send(bytes), Ok(count), Err if kind() == Interrupted, Err.",
    ],
    steps: &[
        Step {
            says: "it connects to the address that it is given",
            play: connects,
        },
        Step {
            says: "some bytes come in their order, then the end, and it says how many",
            play: sends_some,
        },
        Step {
            says: "no byte is a number of bytes, too",
            play: sends_none,
        },
        Step {
            says: "a peer that receives slowly gets every byte",
            play: sends_slowly,
        },
        Step {
            says: "stopped in the middle and continued, it still sends every byte",
            play: sends_after_pauses,
        },
        Step {
            says: "where nobody listens it fails, too",
            play: fails_alone,
        },
        Step {
            says: "a peer that resets in the middle makes it fail",
            play: fails_on_reset,
        },
    ],
};

/// Starts it with HOST:PORT and COUNT, and lets it in.
fn sender(stage: &mut Stage, count: usize) -> Result<Peer, Failure> {
    let door = stage.door()?;
    comes_to(stage, &door, count)
}

/// The same to this door.
fn comes_to(stage: &mut Stage, door: &Door, count: usize) -> Result<Peer, Failure> {
    stage.starts([door.address().to_string(), count.to_string()])?;
    let mut peer = door.lets_in(stage.program()?).map_err(|failure| {
        failure.likely("the program is to connect to its first argument")
    })?;
    peer.acknowledges_at_once();
    Ok(peer)
}

/// More than the kernel ever takes while nobody receives: 4 MiB, where nobody has changed
/// tcp_wmem (tcp(7)), and what the checker's own end has room for.
const MUCH: Range<usize> = 4_800_000..5_000_000;

/// The bytes that are to be sent: byte i is i mod 251.
fn pattern(count: usize) -> Vec<u8> {
    (0..=250).cycle().take(count).collect()
}

fn connects(stage: &mut Stage) -> Result<(), Failure> {
    let count = stage.chance.usize(1..200);
    sender(stage, count).map(drop)?;
    let Ok(door) = stage.door_at((Ipv6Addr::LOCALHOST, 0).into()) else {
        return Ok(()); // a machine without IPv6
    };
    comes_to(stage, &door, count).map(drop).map_err(|failure| {
        failure.certain(
            "an address of IPv6 needs a socket of its family: Domain::for_address",
        )
    })
}

/// Expects the end, and the number of bytes as the last line of output.
fn all_sent(stage: &mut Stage, mut peer: Peer, count: usize) -> Result<(), Failure> {
    peer.hears_the_end().map_err(|failure| match &failure.bytes {
        Some(_) => failure.certain("more bytes came than COUNT says").hint(3),
        // The checker has sent nothing: so no input was unread.
        None if failure.seen == "a reset" => failure.certain(
            "the connection was reset (SO_LINGER of 0 does that), and not ended by a shutdown",
        ),
        None => failure,
    })?;
    let program = stage.program()?;
    program.ends_well()?;
    let wanted = format!("{count} bytes sent");
    let output = program.output();
    let last = output.trim_ascii_end().rsplit(|byte| *byte == b'\n').next();
    if last == Some(wanted.as_bytes()) {
        return Ok(());
    }
    let expected = format!("the line \"{wanted}\" as its last");
    let cause = "at the end the program is to print how many bytes it sent";
    Err(Failure::new(expected, quoted(&output)).likely(cause))
}

fn sends_some(stage: &mut Stage) -> Result<(), Failure> {
    let count = stage.chance.usize(600..2000);
    let mut peer = sender(stage, count)?;
    peer.hears(pattern(count)).map_err(|failure| {
        failure.likely("byte number i is i mod 251, and the first has the number 0")
    })?;
    all_sent(stage, peer, count)
}

fn sends_none(stage: &mut Stage) -> Result<(), Failure> {
    let peer = sender(stage, 0).map_err(|failure| {
        let cause = "0 is a COUNT, too: it connects, sends nothing, and ends its sending";
        failure.certain(cause)
    })?;
    all_sent(stage, peer, 0).map_err(|failure| {
        failure.likely("when no byte is left, send is not called any more")
    })
}

/// The next `count` bytes of the pattern, `from` of which have come.
fn next_bytes(peer: &mut Peer, from: usize, count: usize) -> Result<(), Failure> {
    // A deadline for each part: with a small buffer they come slowly on a busy machine.
    for start in (from..from + count).step_by(100_000) {
        let size = (from + count - start).min(100_000);
        let expected = pattern(start % 251 + size).split_off(start % 251);
        peer.hears(expected).map_err(|failure| {
            let seen = format!("{} (after {start} right bytes)", failure.seen);
            Failure { seen, ..failure }
        })?;
    }
    Ok(())
}

/// What the first wrong byte tells.
fn out_of_order(failure: Failure) -> Failure {
    let cause = match &failure.bytes {
        Some((expected, heard)) => {
            let differs = expected.iter().zip(heard).find(|(one, other)| one != other);
            match differs {
                Some((_, 0)) => {
                    "it begins with 0 again in the middle: byte number i is i mod 251, in \
                     whatever pieces the bytes are sent, and after a send that took only a part \
                     the next one begins just after that part"
                }
                _ => {
                    "bytes are missing, or came twice: after a send that took only a part, the \
                     next one begins just after that part"
                }
            }
        }
        None => return failure,
    };
    failure.certain(cause)
}

fn sends_slowly(stage: &mut Stage) -> Result<(), Failure> {
    let count = stage.chance.usize(400_000..500_000);
    let mut peer = sender(stage, count)?;
    let mut from = 0;
    for (round, size) in stage.sizes(1000).take(100).enumerate() {
        if round % 20 == 0 {
            thread::sleep(Duration::from_millis(5)); // the peer dawdles
        }
        next_bytes(&mut peer, from, size).map_err(out_of_order)?;
        from += size;
    }
    next_bytes(&mut peer, from, count - from).map_err(out_of_order)?;
    all_sent(stage, peer, count)
}

fn sends_after_pauses(stage: &mut Stage) -> Result<(), Failure> {
    // More than the kernel takes at once from a program that has set no buffer.
    let count = stage.chance.usize(MUCH);
    let mut peer = sender(stage, count)?;
    next_bytes(&mut peer, 0, 1)?;
    let mut from = 1;
    for size in stage.sizes(100_000).take(4) {
        // Each time the kernel's buffers are full, and send waits. The first send has taken
        // bytes before: it says how many. The second has taken none: it is interrupted.
        for _ in 0..2 {
            if stage.program()?.ended().is_some() {
                break; // what is missing then tells more
            }
            stage.program()?.sleeps().ok();
            stage.program()?.pauses()?;
        }
        if from == 1 {
            says_nothing_yet(stage, count)?;
            stage.takes_its_time(&peer)?;
        }
        next_bytes(&mut peer, from, size).map_err(|failure| lost(stage, failure))?;
        from += size;
    }
    let rest = next_bytes(&mut peer, from, count - from);
    rest.map_err(|failure| lost(stage, failure))?;
    all_sent(stage, peer, count)
}

/// Not all bytes have been sent, and so it is not said yet.
fn says_nothing_yet(stage: &mut Stage, count: usize) -> Result<(), Failure> {
    if stage.program()?.ended().is_some() {
        return Ok(()); // what is missing then tells more
    }
    let output = stage.program()?.output();
    let line = format!("{count} bytes sent");
    if !String::from_utf8_lossy(&output).contains(&line) {
        return Ok(());
    }
    let failure =
        Failure::new("no such line while bytes are to be sent", quoted(&output));
    Err(failure.certain("it says how many bytes it has sent before they are sent"))
}

/// After a pause bytes are missing: because of a count, or because of an error?
fn lost(stage: &mut Stage, failure: Failure) -> Failure {
    let ended = stage.program().is_ok_and(|program| {
        let ended = program.wait(Duration::from_millis(500));
        ended.is_ok_and(|status| !status.success())
    });
    if ended {
        let cause = "a send that a signal had ended was taken for an error: it says how many \
                     bytes it took, and after Interrupted the same call is made again";
        return failure.certain(cause).hint(2);
    }
    out_of_order(failure).hint(2)
}

fn fails_alone(stage: &mut Stage) -> Result<(), Failure> {
    let nobody = format!("127.0.0.1:{}", stage.free_ports(1));
    let status = stage.starts([nobody, "1000".into()])?.wait(ANSWER)?;
    fails(stage, status.code(), said(status)).map_err(|failure| {
        let cause = "no byte was sent: that is to be told, and exit code 1";
        failure.likely(cause).hint(1)
    })
}

fn fails_on_reset(stage: &mut Stage) -> Result<(), Failure> {
    let count = stage.chance.usize(MUCH);
    let mut peer = sender(stage, count)?;
    next_bytes(&mut peer, 0, 10_000)?;
    peer.resets();
    let status = stage.program()?.wait(ANSWER).map_err(|failure| {
        let cause = "after a reset send fails each time: only Interrupted is tried again";
        failure.certain(cause).hint(2).read("Connection reset")
    })?;
    fails(stage, status.code(), said(status)).map_err(|failure| {
        let cause = "the connection is reset, and the rest of the bytes can never arrive: \
                     send says so with an error";
        failure.likely(cause).hint(2).read("Connection reset")
    })
}
