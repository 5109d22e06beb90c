//! `chunked-reader`: the task, and what its check does.

use checker::{
    ANSWER, Door, Exercise, Failure, FailureKind, Kind, Peer, Program, Stage, Step,
    quoted, said,
};

/// The exercise, and the steps of its check.
pub const EXERCISE: Exercise = Exercise {
    name: "chunked-reader",
    lesson: "14-http",
    kind: Kind::Build,
    task: "read the body of an answer that comes in chunks",
    section: "The body",
    hints: [
        "The size is a line, and what follows is none: count its bytes. They may be line \
         ends, and they come in as many pieces as the network likes.",
        "u64::from_str_radix(digits, 16) reads a size, and would take a sign in front of it, \
         too. read_exact, or take(size) and \
         read_to_end, receive just so many bytes; then comes a line end to leave out.",
        "Collect the body in a Vec<u8>, and print it when the last chunk has come. \
         Everything else that ends the stream or cannot be read is an error: return it.",
    ],
    steps: &[
        Step {
            says: "a body of one chunk is printed while the connection stays open",
            play: one_chunk,
        },
        Step {
            says: "several chunks are put together",
            play: several_chunks,
        },
        Step {
            says: "a size is hexadecimal, in small and capital letters",
            play: hexadecimal,
        },
        Step {
            says: "a chunk may be large, and so may the body",
            play: large,
        },
        Step {
            says: "chunks may come in pieces, cut anywhere",
            play: pieces,
        },
        Step {
            says: "bytes that look like line ends and sizes stay bytes",
            play: any_bytes,
        },
        Step {
            says: "what stands after a size is left out",
            play: extensions,
        },
        Step {
            says: "lines after the last chunk are left out",
            play: trailers,
        },
        Step {
            says: "zeros in front change no size, and a body may be empty",
            play: zeros,
        },
        Step {
            says: "a body that ends before its last chunk is an error",
            play: ends_early,
        },
        Step {
            says: "a size that is no number is an error",
            play: nonsense,
        },
        Step {
            says: "bytes behind a chunk that are no line end are an error",
            play: no_line_end,
        },
    ],
};

const HEAD: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

/// Starts the program, and takes its request.
fn asks(stage: &mut Stage) -> Result<Peer, Failure> {
    let door = stage.door()?;
    stage.starts([door.address().to_string()])?;
    asked(&door, stage.program()?)
}

fn asked(door: &Door, program: &mut Program) -> Result<Peer, Failure> {
    let mut server = door.lets_in(program)?;
    let request = server.hears_through(b"\r\n\r\n", 8192)?;
    if request.starts_with(b"GET / HTTP/1.1\r\n") {
        return Ok(server);
    }
    let failure = Failure::new("GET / HTTP/1.1", quoted(&request));
    Err(failure.likely("the request must stay as it was"))
}

fn chunk(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let bytes = bytes.as_ref();
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

/// Expects just this body on standard output, and a good end.
fn printed(stage: &mut Stage, body: impl AsRef<[u8]>) -> Result<(), Failure> {
    let body = body.as_ref();
    let program = stage.program()?;
    program.has_printed(body)?;
    program.ends_well()?;
    match program.output() {
        all if all == body => Ok(()),
        all => Err(Failure::new(quoted(body), quoted(&all))
            .likely("the body is what is in the chunks, and nothing else")),
    }
}

/// A word whose length has one digit, the same in every system of numbers.
fn short_word(stage: &mut Stage) -> String {
    let mut word = stage.word();
    word.truncate(9);
    word
}

fn one_chunk(stage: &mut Stage) -> Result<(), Failure> {
    let word = short_word(stage);
    let mut server = asks(stage)?;
    server.says([HEAD.as_bytes(), &chunk(&word), b"0\r\n\r\n"].concat())?;
    // The server stays: only the last chunk says that this is all.
    printed(stage, &word).map_err(|failure| match failure.kind {
        FailureKind::Timeout => failure.certain(
            "the server keeps the connection open: the last chunk is the end, not the \
             end of the stream",
        ),
        _ => failure.likely("the body is what is in the chunk, without its line end"),
    })
}

fn several_chunks(stage: &mut Stage) -> Result<(), Failure> {
    let words = [(); 3].map(|()| short_word(stage));
    let mut server = asks(stage)?;
    server.says(HEAD)?;
    for word in &words {
        server.says(chunk(word))?;
    }
    stage.takes_its_time(&server)?;
    server.says("0\r\n\r\n")?;
    printed(stage, words.concat()).map_err(|failure| {
        failure.likely("after a chunk comes the next one, until one has the size 0")
    })
}

fn hexadecimal(stage: &mut Stage) -> Result<(), Failure> {
    let text: String = (0..16).map(|_| stage.word()).collect();
    let (small, capital) = (&text[..26], &text[..stage.chance.usize(27..32)]);
    let sixteen = &text[..16];
    let mut server = asks(stage)?;
    let first = format!("{HEAD}1a\r\n{small}\r\n10\r\n{sixteen}\r\n");
    let second = format!("{:X}\r\n{capital}\r\n0\r\n\r\n", capital.len());
    let told = server.says(first + &second);
    let body = [small, sixteen, capital].concat();
    told.and_then(|()| printed(stage, body)).map_err(|failure| {
        failure
            .certain("a size is hexadecimal: 1a and 1A are 26, and 10 is 16")
            .hint(2)
    })
}

/// More than one read gives, and than 16 bits can hold.
const LARGE: usize = 100_000;

/// More than a mebibyte, which somebody may take for enough.
const MEGABYTES: usize = 16 * LARGE;

fn large(stage: &mut Stage) -> Result<(), Failure> {
    stage.grows(LARGE..=MEGABYTES, |stage, size| {
        let body = stage.long_word(size);
        let mut server = asks(stage)?;
        let told = server.says([HEAD.as_bytes(), &chunk(&body), b"0\r\n\r\n"].concat());
        told.and_then(|()| printed(stage, body)).map_err(|failure| {
            let cause = match size {
                LARGE => {
                    "a chunk of 186a0 bytes, which is 100,000, comes in many pieces, and its \
                     size needs more than 16 bits"
                }
                _ => "the body may have some megabytes, and this limit is too low",
            };
            failure.certain(cause)
        })
    })
}

const IN_PIECES: &str =
    "a chunk is all of its bytes, whatever they are, in however many pieces";

fn pieces(stage: &mut Stage) -> Result<(), Failure> {
    let body = [&stage.bytes(400)[..], b"."].concat(); // it ends in no blank by chance
    let (one, other) = body.split_at(stage.chance.usize(100..300));
    let sizes = stage.sizes(9);
    let mut server = asks(stage)?;
    let answer = [HEAD.as_bytes(), &chunk(one), &chunk(other), b"0\r\n\r\n"].concat();
    let told = server.says_in_pieces(&answer, sizes);
    told.and_then(|()| printed(stage, &body))
        .map_err(|failure| failure.certain(IN_PIECES).hint(1))
}

fn any_bytes(stage: &mut Stage) -> Result<(), Failure> {
    let body = [b"\r\n0\r\n\r\n5\r\n".as_slice(), &stage.bytes(300), b"\r\n"].concat();
    let mut server = asks(stage)?;
    server.says([HEAD.as_bytes(), &chunk(&body), b"0\r\n\r\n"].concat())?;
    printed(stage, &body).map_err(|failure| {
        let cut = stage.program().is_ok_and(|program| {
            program.output() == body.trim_ascii_end() // and the line end is missing
        });
        let cause = match cut {
            true => "the line end at the body's end belongs to it, and was taken off",
            false => {
                "a chunk is counted, not read by lines: all of its bytes belong to it"
            }
        };
        failure.likely(cause).hint(1)
    })
}

fn extensions(stage: &mut Stage) -> Result<(), Failure> {
    let (word, name) = (stage.word(), stage.word());
    let size = word.len();
    let mut server = asks(stage)?;
    server.says(format!("{HEAD}{size:x};{name}=1\r\n{word}\r\n"))?;
    server.says(format!("{size:x};{name}\r\n{word}\r\n"))?;
    server.says(format!("0;{name};{word}=\"0\"\r\n\r\n"))?;
    printed(stage, word.repeat(2)).map_err(|failure| {
        let cause = "after a size there may be a ; and more, which is none of your business: \
                     also without a =, after the last one, and a second ;";
        failure.likely(cause).hint(2)
    })
}

fn trailers(stage: &mut Stage) -> Result<(), Failure> {
    let (word, name) = (stage.word(), stage.word());
    let mut server = asks(stage)?;
    server.says([HEAD.as_bytes(), &chunk(&word)].concat())?;
    server.says(format!("0\r\nExpires: 0\r\nX-Sum: {name}\r\n\r\n"))?;
    printed(stage, &word).map_err(|failure| {
        let cause = "after the last chunk there may be lines before the empty one: they are \
                     no part of the body, and no error";
        failure.likely(cause).hint(2)
    })
}

fn zeros(stage: &mut Stage) -> Result<(), Failure> {
    let word = short_word(stage);
    let mut server = asks(stage)?;
    server.says(format!(
        "{HEAD}{:020x}\r\n{word}\r\n000\r\n\r\n",
        word.len()
    ))?;
    printed(stage, &word).map_err(|failure| {
        let cause = "a size is a number: zeros in front change nothing, and 000 is 0";
        failure.likely(cause).hint(2)
    })?;
    let mut server = asks(stage)?;
    server.says([HEAD, "0\r\n\r\n"].concat())?;
    printed(stage, "").map_err(|failure| {
        failure.likely("the first chunk is the last: so the body is empty, and no error")
    })
}

/// What the server does when it has said something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    Ends,
    Resets,
    /// It stays, as it does after a body.
    Stays,
}

/// An answer that is no whole body.
struct Broken {
    answer: Vec<u8>,
    then: Then,
    /// What a program that takes it for a whole one has to hear.
    cause: &'static str,
    /// The same if it has crashed; none: it says that by itself.
    crash: Option<&'static str>,
}

/// Expects an error for each of them, and nothing on standard output. The programs are
/// started all at once: to an interpreter a start takes time.
fn all_fail(stage: &mut Stage, all: Vec<Broken>) -> Result<(), Failure> {
    let mut started = Vec::new();
    for broken in all {
        let door = stage.door()?;
        let program = stage.another([door.address().to_string()])?;
        started.push((broken, door, program));
    }
    for (broken, door, mut program) in started {
        let mut server = asked(&door, &mut program)?;
        server.says([HEAD.as_bytes(), &broken.answer].concat())?;
        let _open = match broken.then {
            Then::Resets => {
                program.sleeps()?; // it has received all of it
                server.resets();
                None
            }
            Then::Ends => {
                server.half_closes();
                Some(server)
            }
            Then::Stays => Some(server),
        };
        let failed = fails(&mut program, broken.cause);
        failed.map_err(|failure| match (failure.kind, broken.crash, broken.then) {
            (FailureKind::Crash, Some(crash), _) => failure.certain(crash),
            (FailureKind::Timeout, _, Then::Stays) => failure.certain(
                "what has come is an error already, and the program waits for more: it is \
                 to end at once",
            ),
            _ => failure,
        })?;
    }
    Ok(())
}

fn fails(program: &mut Program, cause: &str) -> Result<(), Failure> {
    let status = program.wait(ANSWER).map_err(|failure| {
        failure.likely("no more comes, and the program goes on: it is to end")
    })?;
    let (output, complaints) = (program.output(), program.complaints());
    let failed = status.code() == Some(1);
    if failed && output.is_empty() && !complaints.is_empty() {
        return Ok(());
    }
    let seen = match output.is_empty() {
        true => format!(
            "{}, and {} on standard error",
            said(status),
            quoted(complaints.as_bytes())
        ),
        false => format!("{}, and {} printed", said(status), quoted(&output)),
    };
    let expected = "an error message, exit code 1, and nothing printed";
    let failure = program.crash(Failure::new(expected, seen));
    let cause = if status.success() && output.is_empty() && !complaints.is_empty() {
        "an error ends the program with exit code 1"
    } else if status.success() {
        cause
    } else if !output.is_empty() && complaints.is_empty() {
        "standard output is for the body: the message of an error goes to standard error"
    } else if !output.is_empty() {
        "it is known at the end only whether the body is whole: print none of it before"
    } else if failed {
        "the error has no message on standard error"
    } else {
        "an error ends the program with exit code 1"
    };
    Err(failure.likely(cause).read("The answer ends too early"))
}

fn ends_early(stage: &mut Stage) -> Result<(), Failure> {
    let word = stage.word();
    let broken = |answer, then, cause, crash| Broken {
        answer,
        then,
        cause,
        crash,
    };
    let whole = chunk(&word);
    let without = |count| whole[..whole.len() - count].to_vec();
    let claim = [b"ffffffffffffffff\r\n", word.as_bytes()].concat();
    let half_a_size = [&whole[..], b"0"].concat();
    let after_a_chunk = "without the last chunk it is not the whole body: print nothing";
    let in_a_chunk = "the stream has ended in the middle of a chunk";
    let before_its_line_end = "the stream has ended between the bytes of a chunk and their \
                               line end: this is no last chunk";
    let in_a_size = "the stream has ended in the middle of a size: a 0 may be the first digit \
                     of 001a";
    let by_a_reset = "a reset before the last chunk: the body is not whole";
    let believed = "a size is only a claim, and may be as large as its number can be: room was \
                    made for all of it, or something was added to it";
    let all = vec![
        broken(whole.clone(), Then::Ends, after_a_chunk, None),
        broken(without(4), Then::Ends, in_a_chunk, None),
        broken(claim, Then::Ends, in_a_chunk, Some(believed)),
        broken(without(2), Then::Ends, before_its_line_end, None),
        broken(half_a_size, Then::Ends, in_a_size, None),
        broken(whole, Then::Resets, by_a_reset, None),
    ];
    all_fail(stage, all)
}

/// A size may be wrong in the first chunk, and in a later one.
fn nonsense(stage: &mut Stage) -> Result<(), Failure> {
    let word = stage.word();
    // A size is digits and nothing else, and too many of them fit into no number. Whoever
    // takes one of these for the word's length finds a body that is whole.
    let size = format!("{:x}", word.len());
    let no_size = "a line that is no size is an error: nobody knows where the chunk ends";
    let empty = "an empty line is no size: there is just one line end after a chunk";
    let wraps = "the size is larger than its number can hold, and what was left of it was \
                 taken: checked_mul, or from_str_radix, tells";
    let plus = "a sign is no digit: from_str_radix takes it, so look at them first";
    let sizes = [
        (format!("\r\n{size}"), Then::Stays, empty),
        (format!("-{size}"), Then::Stays, no_size),
        (format!("0x{size}"), Then::Stays, no_size),
        (format!("0 {size}"), Then::Stays, no_size),
        ("f".repeat(40), Then::Stays, no_size),
        // The word's length is in the last 32 bits, and here in the last 64. There may be more.
        (format!("1{size:0>8}"), Then::Ends, wraps),
        (format!("1{size:0>16}"), Then::Ends, wraps),
        (format!("+{size}"), Then::Stays, plus),
    ];
    let mut before = [Vec::new(), chunk(&word)].into_iter().cycle();
    let broken = |(size, then, cause): (String, Then, &'static str)| {
        let rest = format!("{size}\r\n{word}\r\n0\r\n\r\n").into_bytes();
        Broken {
            answer: [before.next().unwrap_or_default(), rest].concat(),
            then,
            cause,
            crash: None,
        }
    };
    let failed = all_fail(stage, sizes.into_iter().map(broken).collect());
    failed.map_err(|failure| failure.hint(2))
}

fn no_line_end(stage: &mut Stage) -> Result<(), Failure> {
    let word = stage.word();
    let size = word.len();
    let broken = |answer: String, cause| Broken {
        answer: answer.into_bytes(),
        then: Then::Stays,
        cause,
        crash: None,
    };
    let other =
        "after the bytes of a chunk come \\r\\n, and here two other bytes: look at them";
    let longer =
        "the chunk is longer than its size: what is left before the line end was lost";
    let missing =
        "a chunk has no line end, and the next size was taken for it, or its bytes";
    let all = vec![
        broken(format!("{size:x}\r\n{word}xy0\r\n\r\n"), other),
        broken(format!("{:x}\r\n{word}\r\n0\r\n\r\n", size - 2), longer),
        broken(
            format!("{size:x}\r\n{word}{size:x}\r\n{word}\r\n0\r\n\r\n"),
            missing,
        ),
    ];
    all_fail(stage, all)
}
