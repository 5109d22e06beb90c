//! `page-saver`: the task, and what its check does.

use checker::{
    ANSWER, Door, Exercise, Failure, FailureKind, Kind, MOST, Peer, Stage, Step, quoted,
    said,
};

use crate::send_recv::{LARGE_PAGE, NAMES, fails, page};

/// The exercise, and the steps of its check.
pub const EXERCISE: Exercise = Exercise {
    name: "page-saver",
    lesson: "04-send-recv",
    kind: Kind::Build,
    task: "fetch a page and save its body, all of it or nothing",
    section: "Step 2: recv until 0",
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
        Step {
            says: "an answer that ends before its blank line is not saved",
            play: no_blank_line,
        },
        Step {
            says: "a page ends with its length: what comes after it is not saved",
            play: surplus,
        },
        Step {
            says: "a page of no bytes is a page, and what was in FILE is gone",
            play: empty_page,
        },
        Step {
            says: "the length is found however it is written, and in no other line",
            play: odd_headers,
        },
        Step {
            says: "a large page is saved whole",
            play: large_page,
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
fn asks(stage: &mut Stage) -> Result<Asked, Failure> {
    let file = format!("{}.page", stage.word());
    asks_into(stage, file)
}

/// The same with this FILE.
fn asks_into(stage: &mut Stage, file: String) -> Result<Asked, Failure> {
    let door = stage.door()?;
    let address = door.address().to_string();
    asks_at(stage, &door, address, file)
}

/// The same with this HOST:PORT, which is the door's.
fn asks_at(
    stage: &mut Stage,
    door: &Door,
    address: String,
    file: String,
) -> Result<Asked, Failure> {
    let path = format!("/{}/{}.html", stage.word(), stage.word());
    stage.starts([address.clone(), path.clone(), file.clone()])?;
    let mut server = door.lets_in(stage.program()?).map_err(|failure| {
        failure.likely("the program is to connect to its first argument")
    })?;
    let request = server.hears_through(b"\r\n\r\n", 8192).map_err(|failure| {
        let cause = "a request ends with a blank line, and each line with \\r\\n";
        failure.likely(cause).read("The idea")
    })?;
    Ok(Asked {
        server,
        door: address,
        path,
        file,
        request: String::from_utf8_lossy(&request).into_owned(),
    })
}

fn request(stage: &mut Stage) -> Result<(), Failure> {
    let asked = asks(stage)?;
    has_asked(stage, asked)?;
    let door = stage.door()?;
    let address = stage.named_door(&door)?;
    let file = format!("{}.page", stage.word());
    let asked =
        asks_at(stage, &door, address, file).map_err(|failure| failure.certain(NAMES))?;
    has_asked(stage, asked)
}

/// Expects that this is its whole request.
fn has_asked(stage: &mut Stage, mut asked: Asked) -> Result<(), Failure> {
    // It gets its page first: that the request was wrong is to be no panic besides.
    let body = page(stage);
    asked.server.says([header(body.len()), body].concat())?;
    asked.server.half_closes();
    stage.program()?.wait(ANSWER)?;
    let wanted = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        asked.path, asked.door
    );
    // What it sends besides is here when it has ended.
    let more = asked.server.hears_all(8192).unwrap_or_default();
    let sent = [asked.request.as_bytes(), &more].concat();
    if sent == wanted.as_bytes() {
        return Ok(());
    }
    let has = |line: String| asked.request.contains(&line);
    let cause = if !has(format!("GET {} HTTP/1.1\r\n", asked.path)) {
        "the first line is GET, the program's second argument, and HTTP/1.1"
    } else if !has(format!("Host: {}\r\n", asked.door)) {
        "the server is not told which host is meant, with its port"
    } else if !has("Connection: close\r\n".into()) {
        "without Connection: close the server waits for the next request"
    } else {
        "the request is these three lines in this order, a blank line, and no more"
    };
    let failure = Failure {
        bytes: Some((wanted.clone().into_bytes(), sent.clone())),
        ..Failure::new(quoted(wanted.as_bytes()), quoted(&sent))
    };
    Err(failure.certain(cause).read("The idea"))
}

fn header(length: usize) -> Vec<u8> {
    let text = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\n\r\n"
    );
    text.into_bytes()
}

/// Expects the file with exactly this body, and a good end.
fn saved(stage: &mut Stage, file: &str, body: &[u8]) -> Result<(), Failure> {
    stage.program()?.ends_well()?;
    match stage.file(file) {
        Some(found) if found == body => Ok(()),
        Some(found) => {
            let failure = Failure::new(quoted(body), quoted(&found));
            Err(Failure {
                bytes: Some((body.to_vec(), found)),
                ..failure
            })
        }
        None => {
            let cause = "the file to save in is the program's third argument";
            Err(Failure::new(format!("the file {file}"), "no such file").likely(cause))
        }
    }
}

/// Expects an error, and no file.
fn not_saved(stage: &mut Stage, file: &str, cause: &str) -> Result<(), Failure> {
    let status = stage.program()?.wait(ANSWER).map_err(|failure| {
        failure
            .likely("it goes on after the end: recv gives 0 each time it is asked again")
    })?;
    if let Some(found) = stage.file(file) {
        let expected = format!("no file {file}");
        let seen = format!("{}, and a file with {}", said(status), quoted(&found));
        let cause = if status.success() {
            cause
        } else {
            "the file was written before the page was whole, and an error has left it there"
        };
        return Err(Failure::new(expected, seen).certain(cause));
    }
    fails(stage, status.code(), said(status))
}

fn one_piece(stage: &mut Stage) -> Result<(), Failure> {
    let body = page(stage);
    let Asked {
        mut server, file, ..
    } = asks(stage)?;
    server.says([header(body.len()), body.clone()].concat())?;
    server.half_closes();
    saved(stage, &file, &body).map_err(|failure| {
        failure.likely("the body is what comes after the blank line, and no more")
    })
}

fn cut_blank_line(stage: &mut Stage) -> Result<(), Failure> {
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
        done.map_err(|failure| {
            let cause = "one recv gives what has come so far: header and body go on in the \
                         next, and even the blank line may be cut";
            failure.certain(cause)
        })?;
    }
    Ok(())
}

fn without_length(stage: &mut Stage) -> Result<(), Failure> {
    let mut body = stage.bytes(30_000);
    // As in a picture: zeros, no UTF-8, and something like a header and its blank line.
    let odd = b"\0\xff\0\r\nContent-Length: 5\r\n\r\n\0";
    body[..odd.len()].copy_from_slice(odd);
    let Asked {
        mut server, file, ..
    } = asks(stage)?;
    let header = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
    let (start, rest) = body.split_at(stage.chance.usize(60..20_000));
    server.says_apart([&header[..], start])?;
    stage.takes_its_time(&server)?;
    let told = server.says_apart([rest]);
    server.half_closes();
    told.and_then(|()| saved(stage, &file, &body))
        .map_err(|failure| {
            let cause = "without Content-Length the body is every byte after the first \
                         blank line, up to the end of the stream, unchanged";
            failure
                .likely(cause)
                .read("Step 4: how long is the body?")
                .hint(2)
        })
}

fn no_blank_line(stage: &mut Stage) -> Result<(), Failure> {
    let whole = header(0);
    let cut = stage.chance.usize(1..whole.len() - 2);
    for part in [&whole[..cut], &whole[..whole.len() - 2], b""] {
        let Asked {
            mut server, file, ..
        } = asks(stage)?;
        if !part.is_empty() {
            server.says(part)?;
        }
        server.half_closes();
        let cause = "the end came before the blank line: there is no page, and no FILE";
        not_saved(stage, &file, cause)
            .map_err(|failure| failure.read("The connection was closed early").hint(2))?;
    }
    Ok(())
}

fn short_page(stage: &mut Stage) -> Result<(), Failure> {
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
        // Once a little more than comes, once more than any machine has.
        let length = match name {
            "Content-Length" => body.len() + stage.chance.usize(1..500),
            _ => usize::MAX / 4,
        };
        let Asked {
            mut server, file, ..
        } = asks(stage)?;
        server.says(format!("HTTP/1.1 200 OK\r\n{name}: {length}\r\n\r\n"))?;
        server.says(&body)?;
        server.half_closes();
        not_saved(stage, &file, cause).map_err(|failure| {
            let failure = match failure.kind {
                FailureKind::Crash if name == "content-length" => failure.certain(
                    "a length is what the server says, and not what will come: memory is taken \
                     for what has come",
                ),
                _ => failure,
            };
            failure.read("The connection was closed early").hint(2)
        })?;
    }
    Ok(())
}

fn broken_page(stage: &mut Stage) -> Result<(), Failure> {
    let body = page(stage);
    for length in ["", "Content-Length: 5000\r\n"] {
        let Asked {
            mut server, file, ..
        } = asks(stage)?;
        let header = format!("HTTP/1.1 200 OK\r\n{length}\r\n");
        server.says_apart([header.as_bytes(), &body])?;
        server.resets();
        let cause =
            "an error of recv was taken for the end of the page: only 0 is the end";
        not_saved(stage, &file, cause)
            .map_err(|failure| failure.read("Connection reset").hint(2))?;
    }
    Ok(())
}

fn surplus(stage: &mut Stage) -> Result<(), Failure> {
    let body = page(stage);
    let Asked {
        mut server, file, ..
    } = asks(stage)?;
    server.says([header(body.len()), body.clone(), page(stage)].concat())?;
    server.half_closes();
    saved(stage, &file, &body).map_err(|failure| {
        let cause = "with a Content-Length the page is that many bytes, and what comes after \
                     them is no part of it";
        failure.certain(cause).read("Step 4: how long is the body?").hint(2)
    })
}

fn empty_page(stage: &mut Stage) -> Result<(), Failure> {
    // The same FILE twice: first with a page in it.
    let body = page(stage);
    let Asked {
        mut server, file, ..
    } = asks(stage)?;
    server.says([header(body.len()), body.clone()].concat())?;
    server.half_closes();
    saved(stage, &file, &body)?;
    let mut asked = asks_into(stage, file)?;
    asked.server.says(header(0))?;
    asked.server.half_closes();
    saved(stage, &asked.file, b"").map_err(|failure| {
        let cause =
            "a page of 0 bytes is saved, too, in place of what was in FILE before";
        failure
            .certain(cause)
            .read("Step 4: how long is the body?")
            .hint(2)
    })
}

fn odd_headers(stage: &mut Stage) -> Result<(), Failure> {
    const CAUSE: &str = "the length is the number behind the name Content-Length, in letters of \
                         either case, with a blank after the colon or none, and no other header's";
    const BYTES: &str = "a header may have bytes that are no UTF-8: only the name and the number \
                         of the length are looked for in it";
    const LONG: &str = "a header may have up to 64 KiB: it was cut, or given up";
    const FIRST: &str = "the page is saved, whatever the first line of its header says";
    let long = format!("\r\nX-Note: {}", stage.long_word(20_000));
    for (before, after, cause) in [
        ("200 OK\r\nCONTENT-LENGTH: ", "", CAUSE),
        ("200 OK\r\ncOntEnt-leNGth:", "", CAUSE),
        (
            "200 OK\r\nX-Content-Length: 1\r\nX-Note: content-length: 2\r\nContent-Length: ",
            "",
            CAUSE,
        ),
        (
            "200 OK\r\nContent-Length: ",
            "\r\nX-Content-Length: 1\r\nContent-Length-Hint: 3",
            CAUSE,
        ),
        (
            "200 OK\r\nX-Author: Andr\u{e9}\r\nContent-Length: ",
            "",
            BYTES,
        ),
        ("404 Not Found\r\nContent-Length: ", "", FIRST),
        ("200 OK\r\nContent-Length: ", &long, LONG),
    ] {
        let body = page(stage);
        let Asked {
            mut server, file, ..
        } = asks(stage)?;
        let lines = format!("HTTP/1.1 {before}{}{after}\r\n\r\n", body.len());
        // In Latin-1, as old servers write: no UTF-8.
        let lines: Vec<u8> = lines.chars().map(|letter| letter as u8).collect();
        let surplus = page(stage); // without the length it would be a part of the page
        server.says([lines, body.clone(), surplus].concat())?;
        server.half_closes();
        saved(stage, &file, &body).map_err(|failure| {
            failure
                .certain(cause)
                .read("Step 4: how long is the body?")
                .hint(3)
        })?;
    }
    Ok(())
}

fn large_page(stage: &mut Stage) -> Result<(), Failure> {
    let mut with_length = true;
    // The second is more than a megabyte, which one could take for enough.
    stage.grows(280_000..=MOST, |stage, size| {
        let header = match with_length {
            true => header(size),
            false => b"HTTP/1.1 200 OK\r\n\r\n".to_vec(),
        };
        with_length = !with_length;
        page_of(stage, &header, size)
    })?;
    // Both kinds, also of one that takes its time.
    page_of(stage, &header(1_100_000), 1_100_000)
}

/// A page of this size is saved.
fn page_of(stage: &mut Stage, header: &[u8], size: usize) -> Result<(), Failure> {
    let mut body = stage.bytes(100_000).repeat(size.div_ceil(100_000));
    body.truncate(size);
    let Asked {
        mut server, file, ..
    } = asks(stage)?;
    let told = server.says([header, &body].concat());
    server.half_closes();
    let cause = "a page has no largest size";
    told.map_err(|failure| failure.certain(cause).hint(2))?;
    let ended = stage.program()?.wait(LARGE_PAGE);
    ended
        .and_then(|_| saved(stage, &file, &body))
        .map_err(|failure| failure.likely(cause).hint(2))
}
