//! `fickle-page`: the task, and what its check does.

use checker::{ANSWER, Door, Exercise, Failure, Kind, Peer, Stage, Step, quoted, said};

use crate::send_recv::{LARGE_PAGE, NAMES, fails, page};

/// The exercise, and the steps of its check.
pub const EXERCISE: Exercise = Exercise {
    name: "fickle-page",
    lesson: "04-send-recv",
    kind: Kind::Repair,
    task: "make a page printer print every page, not only most of them",
    section: "Step 2: recv until 0",
    hints: [
        "Print how many bytes each recv gives, and be the server yourself with nc -l: type \
         a part of the answer, press Ctrl+D, type the next.",
        "The four bytes of a blank line need not come in one piece. In which bytes does \
         the program look for them, and where have those of the recv before gone?",
        "Collect all pieces in one Vec<u8> with extend_from_slice, look for the blank line \
         in the whole of it, and give back what stands after it.",
    ],
    steps: &[
        Step {
            says: "a page that comes in one piece is printed",
            play: prints_one,
        },
        Step {
            says: "a page whose header and body come apart is printed",
            play: prints_two,
        },
        Step {
            says: "a page that is cut anywhere in its blank line is printed",
            play: prints_cut,
        },
        Step {
            says: "a page whose blank line comes byte by byte is printed",
            play: prints_bytes,
        },
        Step {
            says: "a blank line in the page belongs to the page",
            play: prints_paragraphs,
        },
        Step {
            says: "a page may be longer than a header",
            play: prints_long,
        },
        Step {
            says: "an answer that ends in its header is an error",
            play: prints_nothing,
        },
        Step {
            says: "a connection that is reset in the header is an error, too",
            play: prints_no_reset,
        },
        Step {
            says: "a page may be empty, and a header may be in any bytes",
            play: prints_odd,
        },
        Step {
            says: "a header of 64 KiB is no error, and one of 65 KiB is one",
            play: prints_to_the_limit,
        },
        Step {
            says: "a header that goes on and on is an error",
            play: prints_no_header,
        },
    ],
};

/// Starts the printer with HOST:PORT and PATH, and takes its request.
fn wants(stage: &mut Stage) -> Result<Peer, Failure> {
    let door = stage.door()?;
    let address = door.address().to_string();
    wants_of(stage, &door, &address)
}

/// The same with this HOST:PORT, which is the door's.
fn wants_of(stage: &mut Stage, door: &Door, address: &str) -> Result<Peer, Failure> {
    let path = format!("/{}", stage.word());
    stage.starts([address.to_string(), path.clone()])?;
    let mut server = door.lets_in(stage.program()?)?;
    let request = server.hears_through(b"\r\n\r\n", 8192)?;
    let wanted =
        format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    if request == wanted.as_bytes() {
        return Ok(server);
    }
    let failure = Failure {
        bytes: Some((wanted.clone().into_bytes(), request.clone())),
        ..Failure::new(quoted(wanted.as_bytes()), quoted(&request))
    };
    Err(failure.likely("the request must stay as it was"))
}

/// Answers in these pieces, and expects this page on standard output.
fn printed(stage: &mut Stage, pieces: &[&[u8]], body: &[u8]) -> Result<(), Failure> {
    let mut server = wants(stage)?;
    server.says_apart(pieces.iter().copied())?;
    server.half_closes();
    shows(stage, body)
}

/// Expects this page on standard output, and a good end.
fn shows(stage: &mut Stage, body: &[u8]) -> Result<(), Failure> {
    let program = stage.program()?;
    program.prints(&format!("the page {}", quoted(body)), |all| {
        (all == body).then_some(())
    })?;
    program.ends_well()
}

const HEADER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n";

fn prints_one(stage: &mut Stage) -> Result<(), Failure> {
    let body = page(stage);
    printed(stage, &[&[HEADER, &body].concat()], &body).map_err(|failure| {
        failure
            .likely("the page is all after the blank line, and nothing else is printed")
    })?;
    let door = stage.door()?;
    let address = stage.named_door(&door)?;
    let mut server =
        wants_of(stage, &door, &address).map_err(|failure| failure.certain(NAMES))?;
    server.says([HEADER, &body].concat())?;
    server.half_closes();
    shows(stage, &body)
}

fn prints_two(stage: &mut Stage) -> Result<(), Failure> {
    let body = page(stage);
    let (start, rest) = body.split_at(stage.chance.usize(1..body.len()));
    let mut server = wants(stage)?;
    server.says_apart([HEADER, start])?;
    stage.takes_its_time(&server)?;
    let told = server.says_apart([rest]);
    server.half_closes();
    told.and_then(|()| shows(stage, &body)).map_err(|failure| {
        failure
            .certain("one recv gives a part of the page: its end is where recv gives 0")
    })
}

fn prints_cut(stage: &mut Stage) -> Result<(), Failure> {
    for cut in [1, 2, 3] {
        let body = page(stage).repeat(300); // more than a buffer has room for
        let (before, after) = HEADER.split_at(HEADER.len() - cut);
        let pieces = [before, &[after, &body[..]].concat()];
        printed(stage, &pieces, &body).map_err(|failure| {
            let cause = "the blank line came in two pieces, and was in neither of them";
            failure.certain(cause).hint(1)
        })?;
    }
    Ok(())
}

fn prints_bytes(stage: &mut Stage) -> Result<(), Failure> {
    let body = page(stage);
    let (before, blank) = HEADER.split_at(HEADER.len() - 4);
    let (first, rest) = before.split_at(stage.chance.usize(20..before.len()));
    let mut pieces = vec![first, rest];
    pieces.extend(blank.chunks(1));
    pieces.push(&body);
    printed(stage, &pieces, &body).map_err(|failure| {
        let cause = "it keeps less than all that has come of the header: a blank line may \
                     come in more than two pieces";
        failure.certain(cause).hint(3)
    })
}

fn prints_paragraphs(stage: &mut Stage) -> Result<(), Failure> {
    let body = [page(stage), b"\r\n\r\n\xff\0\r\n".to_vec(), page(stage)].concat();
    // Once its blank line comes with the header's, once after it.
    for first in [20, body.len()] {
        let pieces = [&[HEADER, &body[..first]].concat(), &body[first..]];
        printed(stage, &pieces, &body).map_err(|failure| {
            let cause = "the first blank line ends the header; all after it are bytes of the \
                         page, and no text";
            failure.certain(cause).read("Step 3: bytes and text")
        })?;
    }
    Ok(())
}

fn prints_long(stage: &mut Stage) -> Result<(), Failure> {
    // More than a megabyte, which one could take for enough; and what the checker keeps.
    stage.grows(1_100_000..=4_000_000, prints_so_many)
}

fn prints_so_many(stage: &mut Stage, size: usize) -> Result<(), Failure> {
    let lines = page(stage);
    let mut body = lines.repeat(size.div_ceil(lines.len()));
    body.truncate(size);
    let mut server = wants(stage)?;
    server.says(HEADER)?;
    let told = server.says(&body); // one that has had enough may close before the end
    server.half_closes();
    let program = stage.program()?;
    let ended = program.wait(LARGE_PAGE).and_then(|_| program.ends_well());
    let output = program.output();
    let done = told.and(ended).and_then(|()| match output == body {
        true => Ok(()),
        false => {
            let failure = Failure::new(quoted(&body), quoted(&output));
            let bytes = Some((body, output));
            Err(Failure { bytes, ..failure })
        }
    });
    done.map_err(|failure| {
        let cause = "a page has no limit: only the header may not be longer than 64 KiB";
        failure.probably(cause).hint(3)
    })
}

fn prints_no_header(stage: &mut Stage) -> Result<(), Failure> {
    const MUCH: usize = 2 << 20;
    let mut server = wants(stage)?;
    server.says("HTTP/1.1 200 OK\r\n")?;
    let line = format!("X-{}: {}\r\n", stage.word(), stage.word());
    let lines = line.repeat(1000);
    for _ in 0..MUCH / lines.len() {
        if server.says(&lines).is_err() {
            break; // it receives no more
        }
    }
    let cause = "the header is longer than 64 KiB: that is an error, and nothing more is received";
    let program = stage.program()?;
    let status = program
        .wait(ANSWER)
        .map_err(|failure| failure.certain(cause).hint(3))?;
    let output = program.output();
    if !output.is_empty() {
        let failure = Failure::new("no output", quoted(&output));
        return Err(failure.certain(cause).hint(3));
    }
    fails(stage, status.code(), said(status)).map_err(|failure| failure.certain(cause))
}

fn prints_odd(stage: &mut Stage) -> Result<(), Failure> {
    printed(stage, &[HEADER], b"").map_err(|failure| {
        failure
            .likely("the server closed after its blank line: that is a page of 0 bytes")
    })?;
    let body = page(stage);
    // A blank line is \r\n\r\n: no other mix of these bytes, and a \r may stand before it.
    let header = b"HTTP/1.1 200 OK\r\nX-Author: Andr\xe9\r\nX-Odd: \n\n\r\r\n\r\n";
    // Cut where other line ends could be taken for the blank line.
    let (before, after) = header.split_at(header.len() - 5);
    printed(stage, &[before, &[after, &body].concat()], &body).map_err(|failure| {
        let cause = "a header is bytes that end with the four \\r\\n\\r\\n: other line ends, and \
                     letters that are no UTF-8, are a part of it";
        failure.certain(cause).hint(3)
    })
}

fn prints_to_the_limit(stage: &mut Stage) -> Result<(), Failure> {
    let body = page(stage);
    let filled = |length: usize| {
        let line = b"HTTP/1.1 200 OK\r\nX-Filler: ";
        let filler = vec![b'x'; length - line.len() - 4];
        [&line[..], &filler, b"\r\n\r\n", &body].concat()
    };
    // Cut anywhere, so that the last recv of the header gives some of the page as well.
    let all = filled(64 << 10);
    let (first, rest) = all.split_at(stage.chance.usize(100..4000));
    printed(stage, &[first, rest], &body).map_err(|failure| {
        let cause = "a header may be 64 KiB long, its blank line included, as this one is: what \
                     has come of the page does not count";
        failure.certain(cause).hint(3)
    })?;
    let mut server = wants(stage)?;
    server.says(filled(65 << 10)).ok(); // it may have had enough
    server.half_closes();
    fails_without_output(
        stage,
        "a header of 65 KiB is longer than 64 KiB: that is an error",
    )
}

fn prints_no_reset(stage: &mut Stage) -> Result<(), Failure> {
    let mut server = wants(stage)?;
    server.says_apart([&HEADER[..20]])?;
    server.resets();
    let cause = "the connection was reset before the blank line: the page is missing";
    fails_without_output(stage, cause)
}

/// Expects an error, and nothing on standard output.
fn fails_without_output(stage: &mut Stage, cause: &'static str) -> Result<(), Failure> {
    let program = stage.program()?;
    let status = program
        .wait(ANSWER)
        .map_err(|failure| failure.likely(cause))?;
    let output = program.output();
    if !output.is_empty() {
        let failure = Failure::new("no output", quoted(&output));
        return Err(failure.certain(cause).hint(2));
    }
    fails(stage, status.code(), said(status))
        .map_err(|failure| failure.likely(cause).read("No blank line"))
}

fn prints_nothing(stage: &mut Stage) -> Result<(), Failure> {
    let mut server = wants(stage)?;
    let part = &HEADER[..stage.chance.usize(20..HEADER.len() - 4)];
    server.says(part)?;
    server.half_closes();
    let cause = "0 before the blank line is an error: the page is missing";
    let program = stage.program()?;
    let status = program.wait(ANSWER).map_err(|failure| {
        failure.certain("recv gave 0 and is asked again: it gives 0 for ever")
    })?;
    let output = program.output();
    if !output.is_empty() {
        let failure = Failure::new("no output", quoted(&output));
        let cause = match status.success() {
            true => cause,
            false => {
                "what stands on standard output is the page: the message goes to standard error, \
                 and a part of a header nowhere"
            }
        };
        return Err(failure.certain(cause).hint(2));
    }
    fails(stage, status.code(), said(status)).map_err(|failure| {
        let cause = if status.success() { cause } else { NOT_SO };
        failure.certain(cause).read("No blank line")
    })
}

/// A program has failed, and not as it is to fail.
const NOT_SO: &str = "it fails in another way than it is to: with a message on standard error, exit code 1, and \
     no panic";
