//! The exercises of lesson 04, and what their checks do.

use std::thread;
use std::time::{Duration, Instant};

use crate::{ANSWER, Door, Exercise, Kind, Peer, Stage, Step, Trouble, quoted, said};

/// All of them, in the order of the chapter.
pub const EXERCISES: &[Exercise] = &[SENDALL, GREETING_CLIENT, PAGE_SAVER, FICKLE_PAGE];

const SENDALL: Exercise = Exercise {
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
            says: "a peer that resets in the middle makes it fail",
            play: fails_on_reset,
        },
    ],
};

/// Starts it with HOST:PORT and COUNT, and lets it in.
fn sender(stage: &mut Stage, count: usize) -> Result<Peer, Trouble> {
    let door = stage.door()?;
    stage.starts([door.address().to_string(), count.to_string()])?;
    let mut peer = door.lets_in().map_err(|trouble| {
        trouble.because("the program is to connect to its first argument")
    })?;
    peer.acknowledges_at_once();
    Ok(peer)
}

/// The bytes that are to be sent: byte i is i mod 251.
fn pattern(count: usize) -> Vec<u8> {
    (0..=250).cycle().take(count).collect()
}

fn connects(stage: &mut Stage) -> Result<(), Trouble> {
    let count = stage.chance.usize(1..200);
    sender(stage, count).map(drop)
}

/// Expects the end, and the number of bytes as the last line of output.
fn all_sent(stage: &mut Stage, mut peer: Peer, count: usize) -> Result<(), Trouble> {
    peer.hears_the_end()?;
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
    Err(Trouble::fail(expected, quoted(&output)).because(cause))
}

fn sends_some(stage: &mut Stage) -> Result<(), Trouble> {
    let count = stage.chance.usize(600..2000);
    let mut peer = sender(stage, count)?;
    peer.hears(pattern(count)).map_err(|trouble| {
        trouble.because("byte number i is i mod 251, and the first has the number 0")
    })?;
    all_sent(stage, peer, count)
}

fn sends_none(stage: &mut Stage) -> Result<(), Trouble> {
    let peer = sender(stage, 0)?;
    all_sent(stage, peer, 0).map_err(|trouble| {
        trouble.because("when no byte is left, send is not called any more")
    })
}

/// The next `count` bytes of the pattern, `from` of which have come.
fn next_bytes(peer: &mut Peer, from: usize, count: usize) -> Result<(), Trouble> {
    // A deadline for each part: with a small buffer they come slowly on a busy machine.
    for start in (from..from + count).step_by(100_000) {
        let size = (from + count - start).min(100_000);
        let expected = pattern(start % 251 + size).split_off(start % 251);
        peer.hears(expected).map_err(|trouble| {
            let seen = format!("{} (after {start} right bytes)", trouble.seen);
            Trouble { seen, ..trouble }
        })?;
    }
    Ok(())
}

const LOST: &str = "send took only a part of the bytes, and the rest was not sent again";

fn sends_slowly(stage: &mut Stage) -> Result<(), Trouble> {
    let count = stage.chance.usize(400_000..500_000);
    let mut peer = sender(stage, count)?;
    let mut from = 0;
    for (round, size) in stage.sizes(1000).take(100).enumerate() {
        if round % 20 == 0 {
            thread::sleep(Duration::from_millis(5)); // the peer dawdles
        }
        next_bytes(&mut peer, from, size).map_err(|trouble| trouble.surely(LOST))?;
        from += size;
    }
    next_bytes(&mut peer, from, count - from).map_err(|trouble| trouble.surely(LOST))?;
    all_sent(stage, peer, count)
}

fn sends_after_pauses(stage: &mut Stage) -> Result<(), Trouble> {
    // More than two and a half megabytes, which the kernel takes at once from a program
    // that has set no buffer.
    let count = stage.chance.usize(4_000_000..4_200_000);
    let mut peer = sender(stage, count)?;
    next_bytes(&mut peer, 0, 1)?;
    let mut from = 1;
    for size in stage.sizes(100_000).take(8) {
        stage.program()?.sleeps().ok(); // the kernel's buffers are full, and send waits
        stage.program()?.pauses()?;
        next_bytes(&mut peer, from, size).map_err(|trouble| lost(stage, trouble))?;
        from += size;
    }
    let rest = next_bytes(&mut peer, from, count - from);
    rest.map_err(|trouble| lost(stage, trouble))?;
    all_sent(stage, peer, count)
}

/// After a pause bytes are missing: because of a count, or because of an error?
fn lost(stage: &mut Stage, trouble: Trouble) -> Trouble {
    let ended = stage.program().is_ok_and(|program| {
        let ended = program.wait(Duration::from_millis(500));
        ended.is_ok_and(|status| !status.success())
    });
    if ended {
        let cause = "a send that was interrupted by a signal was taken for an error: the \
                     same call is made again";
        return trouble.surely(cause).hint(2);
    }
    trouble.surely(LOST).hint(2)
}

fn fails_on_reset(stage: &mut Stage) -> Result<(), Trouble> {
    // More than the kernel ever takes while nobody receives: 4 MiB, where nobody has
    // changed tcp_wmem (tcp(7)), and what the judge's own end has room for.
    let count = stage.chance.usize(4_500_000..4_700_000);
    let mut peer = sender(stage, count)?;
    next_bytes(&mut peer, 0, 10_000)?;
    peer.resets();
    let status = stage.program()?.wait(ANSWER).map_err(|trouble| {
        let cause = "after a reset send fails each time: only Interrupted is tried again";
        trouble.surely(cause).hint(2).read("Connection reset")
    })?;
    fails(stage, status.code(), said(status)).map_err(|trouble| {
        let cause = "the connection is reset, and the rest of the bytes can never arrive: \
                     send says so with an error";
        trouble.because(cause).hint(2).read("Connection reset")
    })
}

const GREETING_CLIENT: Exercise = Exercise {
    name: "greeting-client",
    lesson: "04-send-recv",
    kind: Kind::Build,
    task: "send a name as a line, and print the line that greets it",
    section: "recv until 0",
    hints: [
        "recv gives what has come: a part of the line, all of it, or more than that. Only the \
         end of the line, \\n, says that the greeting is whole.",
        "Collect what recv gives in a Vec<u8> until there is a b'\\n' in it. 0 before that is \
         an error, and what stands behind the b'\\n' is not printed. No String anywhere.",
        "line.iter().position(|byte| *byte == b'\\n') finds the end, line.truncate(end + 1) \
         keeps it, io::stdout().write_all(&line) prints it. name.contains(['\\n', '\\r']) is \
         asked before anything is sent.",
    ],
    steps: &[
        Step {
            says: "it connects to the address that it is given, and sends the name as a line",
            play: introduces,
        },
        Step {
            says: "the server's line is printed as it came, and nothing else",
            play: greeted,
        },
        Step {
            says: "a greeting that comes in pieces is one greeting",
            play: greeted_in_pieces,
        },
        Step {
            says: "a greeting in bytes that are no UTF-8 is printed unchanged",
            play: greeted_in_bytes,
        },
        Step {
            says: "what comes after the line is not printed",
            play: greeted_and_more,
        },
        Step {
            says: "a server that does not close its connection is not waited for",
            play: greeted_and_kept,
        },
        Step {
            says: "a server that closes without an answer is an error",
            play: not_greeted,
        },
        Step {
            says: "a server that closes in the middle of its line is an error, too",
            play: half_greeted,
        },
        Step {
            says: "a name with a line end in it is an error, and is not sent",
            play: two_names,
        },
    ],
};

/// Waits for the program to connect or to end; none: it has ended first.
fn who_comes(stage: &mut Stage, door: &Door) -> Result<Option<Peer>, Trouble> {
    let end = stage.within(ANSWER);
    while Instant::now() < end {
        let ended = stage.program()?.ended().is_some();
        if let Some(peer) = door.lets_in_who_waits()? {
            return Ok(Some(peer));
        }
        if ended {
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(1)); // between two looks
    }
    let seen = format!("nothing of both for {ANSWER:?}");
    Err(Trouble::timeout("a connection, or the program's end", seen))
}

/// Starts the client with HOST:PORT and this name, and takes its line.
fn sends_name(stage: &mut Stage, name: &str) -> Result<(Peer, Vec<u8>), Trouble> {
    const FIRST: &str = "the program is to connect to its first argument";
    let door = stage.door()?;
    stage.starts([door.address().to_string(), name.to_string()])?;
    let came = who_comes(stage, &door).map_err(|trouble| trouble.because(FIRST))?;
    let Some(mut server) = came else {
        let expected = format!("a connection to {}", door.address());
        let trouble = Trouble::fail(expected, "the program ended without one");
        return Err(trouble.because(FIRST));
    };
    let mut sent = server.hears_just(1).map_err(|trouble| {
        let expected = "a line with the name".to_string();
        Trouble {
            expected,
            ..trouble
        }
        .because("the client speaks first: the server waits for the name")
        .read("The idea")
    })?;
    if sent != b"\n" {
        let rest = server.hears_through(b"\n", 8192).map_err(|trouble| {
            let cause = "the name is sent without the end of its line, and the server waits \
                         for that";
            trouble.because(cause).hint(1).read("The idea")
        })?;
        sent.extend(rest);
    }
    Ok((server, sent))
}

/// What a server says to this name, in words of its own.
fn words_for(stage: &mut Stage, name: &str) -> String {
    format!("{} {}, {name}", stage.word(), stage.word())
}

fn introduces(stage: &mut Stage) -> Result<(), Trouble> {
    let name = format!("{} {}", stage.word(), stage.word());
    let (mut server, sent) = sends_name(stage, &name)?;
    // It gets its greeting first: that the name was wrong is to be no panic besides.
    server.says(format!("Hello, {name}!\n"))?;
    server.half_closes();
    // How it ends is for the next step.
    let more = server.hears_all(8192).unwrap_or_default();
    let line = format!("{name}\n");
    let fail = |cause: &str| {
        let trouble = Trouble::fail(
            quoted(line.as_bytes()),
            quoted(&[&sent[..], &more].concat()),
        );
        Err(trouble.surely(cause).read("The idea"))
    };
    let named = sent.windows(name.len()).any(|part| part == name.as_bytes());
    let whole = sent == line.as_bytes() || sent == format!("{name}\r\n").as_bytes();
    match (named, whole && more.is_empty()) {
        (false, _) => fail("the name is the program's second argument"),
        (true, false) => fail("the line is the name and its end, and there is no second"),
        (true, true) => Ok(()),
    }
}

/// Answers in these pieces and closes, and expects this greeting on standard output.
fn prints_greeting(
    stage: &mut Stage,
    name: &str,
    pieces: &[&[u8]],
    greeting: &[u8],
) -> Result<(), Trouble> {
    let (mut server, _) = sends_name(stage, name)?;
    server.says_apart(pieces.iter().copied())?;
    server.half_closes();
    stage.program()?.ends_well()?;
    shows(stage, greeting)
}

/// Expects exactly this on standard output of a program that has ended.
fn shows(stage: &mut Stage, greeting: &[u8]) -> Result<(), Trouble> {
    let output = stage.program()?.output();
    if output == greeting {
        return Ok(());
    }
    let trouble = Trouble::fail(quoted(greeting), quoted(&output));
    Err(Trouble {
        bytes: Some((greeting.to_vec(), output)),
        ..trouble
    })
}

fn greeted(stage: &mut Stage) -> Result<(), Trouble> {
    let name = stage.word();
    let greeting = words_for(stage, &name) + "\n";
    let bytes = greeting.as_bytes();
    prints_greeting(stage, &name, &[bytes], bytes).map_err(|trouble| {
        let Some((_, output)) = &trouble.bytes else {
            return trouble;
        };
        let rest = output.strip_prefix(bytes);
        let cause = if output.is_empty() {
            "the greeting is printed on standard output"
        } else if *output == greeting.trim_end().as_bytes() {
            "the end of the line is a part of it, and is printed, too"
        } else if rest.is_some_and(|rest| rest.iter().all(|byte| *byte == 0)) {
            "the whole buffer was printed: recv says how many bytes of it have come"
        } else if rest == Some(b"\n") {
            "the line has an end already, and got a second one"
        } else if output.windows(bytes.len()).any(|part| part == bytes) {
            "something was printed beside the greeting"
        } else {
            "the greeting is what the server sends, in whatever words"
        };
        trouble.surely(cause)
    })
}

fn greeted_in_pieces(stage: &mut Stage) -> Result<(), Trouble> {
    let name = stage.word();
    let greeting = words_for(stage, &name) + "\n";
    // The end of the line comes alone, too.
    let (line, end) = greeting.as_bytes().split_at(greeting.len() - 1);
    let (first, rest) = line.split_at(stage.chance.usize(1..line.len() - 1));
    let (second, third) = rest.split_at(1);
    let pieces = [first, second, third, end];
    prints_greeting(stage, &name, &pieces, greeting.as_bytes()).map_err(|trouble| {
        let cause =
            "one recv was taken for the whole line: receive until the line has ended";
        trouble.surely(cause)
    })
}

fn greeted_in_bytes(stage: &mut Stage) -> Result<(), Trouble> {
    let name = stage.word();
    let mut greeting = words_for(stage, &name).into_bytes();
    greeting.extend([0xe9, 0, 0xff, b' ', 0xc3, 0xa9, b'\n']); // é in Latin-1, then in UTF-8
    prints_greeting(stage, &name, &[&greeting], &greeting).map_err(|trouble| {
        let cause = "the greeting was taken for text: it is bytes, and need not be UTF-8";
        trouble.surely(cause).hint(2).read("Bytes and text")
    })
}

fn greeted_and_more(stage: &mut Stage) -> Result<(), Trouble> {
    let name = stage.word();
    let greeting = words_for(stage, &name) + "\n";
    let more = format!("{greeting}{}\n{}", stage.word(), stage.word());
    let pieces = [more.as_bytes()];
    prints_greeting(stage, &name, &pieces, greeting.as_bytes()).map_err(|trouble| {
        let cause =
            "more than the line was printed: one recv may bring what comes after it";
        trouble.surely(cause).hint(2)
    })
}

fn greeted_and_kept(stage: &mut Stage) -> Result<(), Trouble> {
    let name = stage.word();
    let greeting = words_for(stage, &name) + "\n";
    let (mut server, _) = sends_name(stage, &name)?;
    server.says(&greeting)?;
    let ended = stage.program()?.ends_well();
    ended.map_err(|trouble| {
        let cause = "it waits until the server closes, though the line has ended";
        trouble.surely(cause).hint(1)
    })?;
    shows(stage, greeting.as_bytes())
}

/// Answers with these bytes only, and expects an error and no output.
fn gets_no_line(
    stage: &mut Stage,
    part: &[u8],
    cause: &'static str,
) -> Result<(), Trouble> {
    let name = stage.word();
    let (mut server, _) = sends_name(stage, &name)?;
    if !part.is_empty() {
        server.says(part)?;
    }
    server.half_closes();
    let program = stage.program()?;
    let status = program.wait(ANSWER).map_err(|trouble| {
        trouble.surely("recv gave 0 and is asked again: it gives 0 for ever")
    })?;
    let output = program.output();
    if !output.is_empty() {
        let seen = format!("{}, and {}", quoted(&output), said(status));
        let half = !part.is_empty() && output.starts_with(part);
        let cause = if status.success() || half {
            cause
        } else {
            "what is wrong is said on standard error: the greeting alone is for standard \
             output"
        };
        return Err(Trouble::fail("no output", seen).surely(cause).hint(2));
    }
    if status.success() {
        let seen = said(status);
        return Err(Trouble::fail("an error message and exit code 1", seen)
            .surely(cause)
            .hint(2));
    }
    fails(stage, status.code(), said(status))
}

fn not_greeted(stage: &mut Stage) -> Result<(), Trouble> {
    let cause = "recv gave 0 before a line had come: that is no greeting, and no success";
    gets_no_line(stage, b"", cause)
        .map_err(|trouble| trouble.read("The connection was closed early"))
}

fn half_greeted(stage: &mut Stage) -> Result<(), Trouble> {
    let part = format!("{} {}", stage.word(), stage.word());
    let cause = "recv gave 0 before the end of the line: a part of one is an error, and not printed";
    gets_no_line(stage, part.as_bytes(), cause)
        .map_err(|trouble| trouble.read("The connection was closed early"))
}

fn two_names(stage: &mut Stage) -> Result<(), Trouble> {
    for end in ["\n", "\r"] {
        let name = format!("{}{end}{}", stage.word(), stage.word());
        let door = stage.door()?;
        stage.starts([door.address().to_string(), name])?;
        if let Some(mut server) = who_comes(stage, &door)?
            && let Ok(mut sent) = server.hears_just(1)
        {
            sent.extend(server.hears_through(b"\n", 8192).unwrap_or_default());
            let cause = "a line ends with \\n or \\r\\n: a name with one of these bytes is an \
                         error, and nothing of it is sent";
            let trouble = Trouble::fail("an error, and nothing sent", quoted(&sent));
            return Err(trouble.surely(cause).hint(3).read("A wrong path"));
        }
        let program = stage.program()?;
        let status = program.wait(ANSWER)?;
        fails(stage, status.code(), said(status))
            .map_err(|trouble| trouble.hint(3).read("A wrong path"))?;
    }
    Ok(())
}

const PAGE_SAVER: Exercise = Exercise {
    name: "page-saver",
    lesson: "04-send-recv",
    kind: Kind::Build,
    task: "fetch a page and save its body, all of it or nothing",
    section: "recv until 0",
    hints: [
        "Collect what recv gives in a Vec<u8>, and look for the blank line in all of it \
         each time. What came after the blank line is the beginning of the body.",
        "With a Content-Length the body ends after so many bytes: an end before is an \
         error. Without one it ends where recv gives 0. An error is never the end.",
        "Write the file last, when all is there: windows(4).position(…) finds the blank \
         line, eq_ignore_ascii_case the name, fs::write saves the bytes as they came.",
    ],
    steps: &[
        Step {
            says: "it asks for the path with Host and Connection: close",
            play: request,
        },
        Step {
            says: "of an answer in one piece the body is saved, and only the body",
            play: one_piece,
        },
        Step {
            says: "an answer in pieces, cut in its blank line, is saved whole",
            play: cut_blank_line,
        },
        Step {
            says: "without a length the page is all that comes, any bytes",
            play: without_length,
        },
        Step {
            says: "a page that ends before its length is not saved",
            play: short_page,
        },
        Step {
            says: "a page that is broken off by a reset is not saved",
            play: broken_page,
        },
    ],
};

/// A program that has asked for a page, and where it is to save it.
struct Asked {
    server: Peer,
    door: String,
    path: String,
    file: String,
    request: String,
}

/// Starts it with HOST:PORT, PATH and FILE, and takes its request.
fn asks(stage: &mut Stage) -> Result<Asked, Trouble> {
    let door = stage.door()?;
    let address = door.address().to_string();
    let path = format!("/{}/{}.html", stage.word(), stage.word());
    let file = format!("{}.page", stage.word());
    stage.starts([address.clone(), path.clone(), file.clone()])?;
    let mut server = door.lets_in().map_err(|trouble| {
        trouble.because("the program is to connect to its first argument")
    })?;
    let request = server.hears_through(b"\r\n\r\n", 8192).map_err(|trouble| {
        let cause = "a request ends with a blank line, and each line with \\r\\n";
        trouble.because(cause).read("The idea")
    })?;
    Ok(Asked {
        server,
        door: address,
        path,
        file,
        request: String::from_utf8_lossy(&request).into_owned(),
    })
}

fn request(stage: &mut Stage) -> Result<(), Trouble> {
    let mut asked = asks(stage)?;
    // It gets its page first: that the request was wrong is to be no panic besides.
    let body = page(stage);
    asked.server.says([header(body.len()), body].concat())?;
    asked.server.half_closes();
    stage.program()?.wait(ANSWER)?;
    let fail = |expected: String, cause: &str| {
        let seen = quoted(asked.request.as_bytes());
        let trouble = Trouble::fail(expected, seen).surely(cause);
        Err(trouble.read("The idea"))
    };
    let value = |name: &str| {
        let lines = asked
            .request
            .lines()
            .filter_map(|line| line.split_once(':'));
        let mut same = lines.filter(|(found, _)| found.eq_ignore_ascii_case(name));
        same.next().map(|(_, value)| value.trim().to_string())
    };
    let first = asked.request.lines().next().unwrap_or_default();
    let get = format!("GET {} HTTP/1.", asked.path);
    if !first.starts_with(&get) {
        let expected = format!("a request that begins with {get}1");
        return fail(expected, "the path is the program's second argument");
    }
    if value("host").as_ref() != Some(&asked.door) {
        let expected = format!("the line Host: {}", asked.door);
        return fail(expected, "the server is not told which host is meant");
    }
    let close = value("connection").is_some_and(|it| it.eq_ignore_ascii_case("close"));
    if !close {
        let expected = "the line Connection: close".to_string();
        let cause = "without Connection: close the server waits for the next request";
        return fail(expected, cause);
    }
    Ok(())
}

/// Three lines of text, so that no page looks like another.
fn page(stage: &mut Stage) -> Vec<u8> {
    let lines = [(); 3].map(|()| format!("{} {}\n", stage.word(), stage.word()));
    lines.concat().into_bytes()
}

fn header(length: usize) -> Vec<u8> {
    let text = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\n\r\n"
    );
    text.into_bytes()
}

/// Expects the file with exactly this body, and a good end.
fn saved(stage: &mut Stage, file: &str, body: &[u8]) -> Result<(), Trouble> {
    stage.program()?.ends_well()?;
    match stage.file(file) {
        Some(found) if found == body => Ok(()),
        Some(found) => {
            let trouble = Trouble::fail(quoted(body), quoted(&found));
            Err(Trouble {
                bytes: Some((body.to_vec(), found)),
                ..trouble
            })
        }
        None => {
            let cause = "the file to save in is the program's third argument";
            Err(Trouble::fail(format!("the file {file}"), "no such file").because(cause))
        }
    }
}

/// Expects an error, and no file.
fn not_saved(stage: &mut Stage, file: &str, cause: &str) -> Result<(), Trouble> {
    let status = stage.program()?.wait(ANSWER)?;
    if let Some(found) = stage.file(file) {
        let expected = format!("no file {file}");
        let seen = format!("{}, and a file with {}", said(status), quoted(&found));
        let cause = if status.success() {
            cause
        } else {
            "the file was written before the page was whole, and an error has left it there"
        };
        return Err(Trouble::fail(expected, seen).surely(cause));
    }
    fails(stage, status.code(), said(status))
}

/// Expects exit code 1, and words on standard error.
fn fails(stage: &mut Stage, code: Option<i32>, ended: String) -> Result<(), Trouble> {
    let program = stage.program()?;
    if code == Some(1) && !program.complaints().is_empty() {
        return Ok(());
    }
    let seen = format!("{ended}, and {}", quoted(program.complaints().as_bytes()));
    let trouble = Trouble::fail("an error message and exit code 1", seen);
    let trouble = program.crash(trouble);
    Err(trouble.because("who calls the program must learn that it has failed"))
}

fn one_piece(stage: &mut Stage) -> Result<(), Trouble> {
    let body = page(stage);
    let Asked {
        mut server, file, ..
    } = asks(stage)?;
    server.says([header(body.len()), body.clone()].concat())?;
    server.half_closes();
    saved(stage, &file, &body).map_err(|trouble| {
        trouble.because("the body is what comes after the blank line, and no more")
    })
}

fn cut_blank_line(stage: &mut Stage) -> Result<(), Trouble> {
    for cut in [3, 2, 1] {
        let body = page(stage);
        let header = header(body.len());
        let (before, after) = header.split_at(header.len() - cut);
        let (start, rest) = body.split_at(stage.chance.usize(1..body.len()));
        let Asked {
            mut server, file, ..
        } = asks(stage)?;
        let pieces = [before, &[after, start].concat(), rest];
        let told = server.says_apart(pieces);
        server.half_closes();
        let done = told.and_then(|()| saved(stage, &file, &body));
        done.map_err(|trouble| {
            let cause = "one recv gives what has come so far: header and body go on in the \
                         next, and even the blank line may be cut";
            trouble.surely(cause)
        })?;
    }
    Ok(())
}

fn without_length(stage: &mut Stage) -> Result<(), Trouble> {
    let mut body = stage.bytes(30_000);
    // As in a picture: zeros, no UTF-8, and something like a blank line.
    body[..8].copy_from_slice(b"\0\xff\0\r\n\r\n\0");
    let Asked {
        mut server, file, ..
    } = asks(stage)?;
    let header = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
    let (start, rest) = body.split_at(stage.chance.usize(9..20_000));
    let told = server.says_apart([&header[..], start, rest]);
    server.half_closes();
    told.and_then(|()| saved(stage, &file, &body))
        .map_err(|trouble| {
            let cause = "without Content-Length the body is every byte after the first \
                         blank line, up to the end of the stream, unchanged";
            trouble.because(cause).read("How long is the body?").hint(2)
        })
}

fn short_page(stage: &mut Stage) -> Result<(), Trouble> {
    let causes = [
        (
            "Content-Length",
            "the end came before the promised length, and was taken for the end of the page",
        ),
        (
            "content-length",
            "the length was not found: names in a header have no upper and lower case",
        ),
    ];
    for (name, cause) in causes {
        let body = page(stage);
        let length = body.len() + stage.chance.usize(1..500);
        let Asked {
            mut server, file, ..
        } = asks(stage)?;
        server.says(format!("HTTP/1.1 200 OK\r\n{name}: {length}\r\n\r\n"))?;
        server.says(&body)?;
        server.half_closes();
        not_saved(stage, &file, cause)
            .map_err(|trouble| trouble.read("The connection was closed early").hint(2))?;
    }
    Ok(())
}

fn broken_page(stage: &mut Stage) -> Result<(), Trouble> {
    let body = page(stage);
    let Asked {
        mut server, file, ..
    } = asks(stage)?;
    let header = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
    server.says_apart([&header[..], &body])?;
    server.resets();
    let cause = "an error of recv was taken for the end of the page: only 0 is the end";
    not_saved(stage, &file, cause)
        .map_err(|trouble| trouble.read("Connection reset").hint(2))
}

const FICKLE_PAGE: Exercise = Exercise {
    name: "fickle-page",
    lesson: "04-send-recv",
    kind: Kind::Repair,
    task: "make a page printer print every page, not only most of them",
    section: "recv until 0",
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
            says: "an answer that ends in its header is an error",
            play: prints_nothing,
        },
    ],
};

/// Starts the printer with HOST:PORT and PATH, and takes its request.
fn wants(stage: &mut Stage) -> Result<Peer, Trouble> {
    let door = stage.door()?;
    let path = format!("/{}", stage.word());
    stage.starts([door.address().to_string(), path.clone()])?;
    let mut server = door.lets_in()?;
    let request = server.hears_through(b"\r\n\r\n", 8192)?;
    let get = format!("GET {path} HTTP/1.1\r\n");
    if request.starts_with(get.as_bytes()) {
        return Ok(server);
    }
    let trouble = Trouble::fail(quoted(get.as_bytes()), quoted(&request));
    Err(trouble.because("the request must stay as it was"))
}

/// Answers in these pieces, and expects this page on standard output.
fn printed(stage: &mut Stage, pieces: &[&[u8]], body: &[u8]) -> Result<(), Trouble> {
    let mut server = wants(stage)?;
    server.says_apart(pieces.iter().copied())?;
    server.half_closes();
    let program = stage.program()?;
    program.prints(&format!("the page {}", quoted(body)), |all| {
        (all == body).then_some(())
    })?;
    program.ends_well()
}

const HEADER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n";

fn prints_one(stage: &mut Stage) -> Result<(), Trouble> {
    let body = page(stage);
    printed(stage, &[&[HEADER, &body].concat()], &body).map_err(|trouble| {
        trouble
            .because("the page is all after the blank line, and nothing else is printed")
    })
}

fn prints_two(stage: &mut Stage) -> Result<(), Trouble> {
    let body = page(stage);
    let (start, rest) = body.split_at(stage.chance.usize(1..body.len()));
    printed(stage, &[HEADER, start, rest], &body).map_err(|trouble| {
        trouble.surely("one recv gives a part of the page: its end is where recv gives 0")
    })
}

fn prints_cut(stage: &mut Stage) -> Result<(), Trouble> {
    for cut in [1, 2, 3] {
        let body = page(stage);
        let (before, after) = HEADER.split_at(HEADER.len() - cut);
        let pieces = [before, &[after, &body[..]].concat()];
        printed(stage, &pieces, &body).map_err(|trouble| {
            let cause = "the blank line came in two pieces, and was in neither of them";
            trouble.surely(cause).hint(2)
        })?;
    }
    Ok(())
}

fn prints_bytes(stage: &mut Stage) -> Result<(), Trouble> {
    let body = page(stage);
    let (before, blank) = HEADER.split_at(HEADER.len() - 4);
    let (first, rest) = before.split_at(stage.chance.usize(20..before.len()));
    let mut pieces = vec![first, rest];
    pieces.extend(blank.chunks(1));
    pieces.push(&body);
    printed(stage, &pieces, &body).map_err(|trouble| {
        let cause = "it keeps less than all that has come of the header: a blank line may \
                     come in more than two pieces";
        trouble.surely(cause).hint(3)
    })
}

fn prints_paragraphs(stage: &mut Stage) -> Result<(), Trouble> {
    let body = [page(stage), b"\r\n\r\n\xff\0\r\n".to_vec(), page(stage)].concat();
    let pieces = [&[HEADER, &body[..20]].concat(), &body[20..]];
    printed(stage, &pieces, &body).map_err(|trouble| {
        let cause = "the first blank line ends the header; all after it are bytes of the \
                     page, and no text";
        trouble.surely(cause).read("Bytes and text")
    })
}

fn prints_nothing(stage: &mut Stage) -> Result<(), Trouble> {
    let mut server = wants(stage)?;
    let part = &HEADER[..stage.chance.usize(20..HEADER.len() - 4)];
    server.says(part)?;
    server.half_closes();
    let cause = "0 before the blank line is an error: the page is missing";
    let program = stage.program()?;
    let status = program.wait(ANSWER).map_err(|trouble| {
        trouble.surely("recv gave 0 and is asked again: it gives 0 for ever")
    })?;
    let output = program.output();
    if !output.is_empty() {
        let trouble = Trouble::fail("no output", quoted(&output));
        return Err(trouble.surely(cause).hint(2));
    }
    fails(stage, status.code(), said(status))
        .map_err(|trouble| trouble.surely(cause).read("No blank line"))
}
