//! The exercises of lesson 09, and what their checks do.

use std::time::Duration;

use crate::{Exercise, Kind, Peer, Stage, Step, Trouble, TroubleKind, quoted};

/// All of them, in the order of the chapter.
pub const EXERCISES: &[Exercise] = &[FRAME_READER, LENGTH_BOMB, LINE_READER];

/// The most bytes in a message.
const LIMIT: usize = 65_536;

/// How long a program that has failed may take to end.
const MOMENT: Duration = Duration::from_millis(300);

/// A length as it stands before a message.
fn head(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}

fn frame(message: impl AsRef<[u8]>) -> Vec<u8> {
    let message = message.as_ref();
    [&head(message.len()), message].concat()
}

/// The same trouble; with this cause, if the program has ended by now.
fn ended_by(stage: &mut Stage, trouble: Trouble, cause: &str) -> Trouble {
    let ended = stage.program().and_then(|program| program.wait(MOMENT));
    if ended.is_ok() {
        trouble.surely(cause)
    } else {
        trouble
    }
}

fn listens(stage: &mut Stage) -> Result<(), Trouble> {
    stage.starts_server()
}

/// The likely cause when the second client finds nobody.
const NO_OTHER: &str =
    "one client was served, and then no other: accept belongs in a loop";

const FRAME_READER: Exercise = Exercise {
    name: "frame-reader",
    lesson: "09-framing",
    kind: Kind::Build,
    task: "write a server that reads frames, and answers each with its bytes reversed",
    section: "Reading one frame",
    hints: [
        "A frame is read in two steps, and a recv knows neither: first exactly 4 bytes, \
         then exactly as many as they say. read_exact calls recv until it has them all.",
        "read_exact gives an error when the stream ends before: return it with `?`, and \
         half a message is never taken for one. u32::from_be_bytes makes the length.",
        "Between the two read_exact: if length > LIMIT, return Err. Only then \
         vec![0; length]. The answer: [&head[..], &message[..]].concat() in one write_all.",
    ],
    steps: &[
        Step {
            says: "the program listens on the address that it is given",
            play: listens,
        },
        Step {
            says: "a message comes back reversed, as a frame",
            play: reversed,
        },
        Step {
            says: "an empty message is answered with an empty one",
            play: empty,
        },
        Step {
            says: "a frame that comes byte by byte is one frame",
            play: pieces,
        },
        Step {
            says: "frames that come all at once are several frames",
            play: together,
        },
        Step {
            says: "any bytes, as many as are allowed, are a message",
            play: largest,
        },
        Step {
            says: "a frame that is cut off gets no answer, those before it do",
            play: cut_off,
        },
        Step {
            says: "a length above the limit ends the connection at once",
            play: too_long,
        },
        Step {
            says: "after all of that the next client is served",
            play: next_client,
        },
    ],
};

/// Says a message in a frame, and expects it reversed in a frame.
fn answers(client: &mut Peer, message: &[u8]) -> Result<(), Trouble> {
    client.says(frame(message))?;
    client.hears(reply(message))
}

/// The frame that answers this message.
fn reply(message: &[u8]) -> Vec<u8> {
    let mut message = message.to_vec();
    message.reverse();
    frame(message)
}

fn reversed(stage: &mut Stage) -> Result<(), Trouble> {
    // Nothing that is the same from its end, and so long that no byte of its length is a
    // line end.
    let message = format!("{}, {} and you!", stage.word(), stage.word());
    let mut client = stage.client()?;
    answers(&mut client, message.as_bytes()).map_err(|trouble| {
        let heard = trouble.bytes.as_ref().map(|(_, heard)| heard.clone());
        let heard = heard.unwrap_or_default();
        let length = head(message.len());
        if trouble.kind == TroubleKind::Timeout && heard.is_empty() {
            trouble.surely(
                "it waits for more: 4 bytes, the highest first, say where a message ends",
            )
        } else if heard.is_empty() {
            trouble.surely("the length was misread: its highest byte comes first")
        } else if !heard.starts_with(&length) {
            trouble.surely(
                "the answer is a frame, too: first the length, 4 bytes, then the message",
            )
        } else {
            trouble.because("the message is to come back with its last byte first")
        }
    })?;
    client.half_closes();
    client.hears_the_end()
}

fn empty(stage: &mut Stage) -> Result<(), Trouble> {
    empty_answered(stage).map_err(|trouble| stage.after_the_end(trouble, NO_OTHER))
}

fn empty_answered(stage: &mut Stage) -> Result<(), Trouble> {
    let mut client = stage.client()?;
    answers(&mut client, b"").map_err(|trouble| {
        let waits = trouble.kind == TroubleKind::Timeout;
        trouble.surely(if waits {
            "it waits in recv for a message that has no bytes"
        } else {
            "an empty message was taken for the end: four zeros are a frame"
        })
    })?;
    let word = stage.word();
    answers(&mut client, word.as_bytes())
        .map_err(|trouble| trouble.because("after an empty message the next one comes"))
}

fn pieces(stage: &mut Stage) -> Result<(), Trouble> {
    let message = stage.word();
    let mut client = stage.client()?;
    let told = client.says_in_pieces(frame(&message), std::iter::repeat(1));
    let heard = told.and_then(|()| client.hears(reply(message.as_bytes())));
    heard.map_err(|trouble| {
        let cause = "what one recv gave was taken for all: read until the frame is whole";
        trouble.surely(cause)
    })
}

fn together(stage: &mut Stage) -> Result<(), Trouble> {
    let words = [stage.word(), stage.word(), stage.word()];
    let mut client = stage.client()?;
    client.says(words.each_ref().map(frame).concat())?;
    client.half_closes();
    let all = words.each_ref().map(|word| reply(word.as_bytes())).concat();
    client.hears(all).map_err(|trouble| {
        let cause = "what came behind a frame got lost: it belongs to the next frame";
        trouble.surely(cause).read("A delimiter")
    })?;
    client.hears_the_end()
}

fn largest(stage: &mut Stage) -> Result<(), Trouble> {
    let bytes = stage.bytes(300);
    let mut client = stage.client()?;
    answers(&mut client, &bytes).map_err(|trouble| {
        trouble.because("the message was taken for text: it may be any bytes")
    })?;
    let bytes = stage.bytes(LIMIT);
    answers(&mut client, &bytes).map_err(|trouble| {
        trouble
            .surely(
                "a message of just 65,536 bytes is allowed, and comes in several recvs",
            )
            .hint(3)
    })
}

fn cut_off(stage: &mut Stage) -> Result<(), Trouble> {
    let (whole, half) = (stage.word(), stage.word());
    let half = frame(half);
    for size in [half.len() - 1, 2] {
        let answered = stage.client().and_then(|mut client| {
            client.says([frame(&whole), half[..size].to_vec()].concat())?;
            client.half_closes();
            client.hears(reply(whole.as_bytes()))?;
            client.hears_the_end().map_err(|trouble| {
                let cause =
                    "half a frame was taken for a whole one: its end has not come";
                trouble.surely(cause).hint(2)
            })
        });
        let cause = "one client's error has ended the server";
        answered.map_err(|trouble| ended_by(stage, trouble, cause))?;
    }
    Ok(())
}

fn too_long(stage: &mut Stage) -> Result<(), Trouble> {
    for length in [LIMIT + 1, 0x7fff_ffff, 0x9000_0000, usize::MAX] {
        let mut client = stage.client()?;
        client.says(head(length))?;
        client.hears_the_end().map_err(|trouble| {
            let cause = "the length is only a claim: compare it with the limit, before \
                         you wait for the message or take memory for it";
            trouble.surely(cause).hint(3)
        })?;
    }
    let word = stage.word();
    let next = stage.client();
    let served = next.and_then(|mut client| answers(&mut client, word.as_bytes()));
    served.map_err(|trouble| {
        let cause = "a length above the limit has ended the server, or memory was taken \
                     for it: look at the limit first";
        trouble.surely(cause).hint(3)
    })
}

fn next_client(stage: &mut Stage) -> Result<(), Trouble> {
    let word = stage.word();
    let mut lost = stage.client()?;
    lost.says(head(10))?;
    lost.resets();
    let served = stage.client().and_then(|mut client| {
        answers(&mut client, word.as_bytes())?;
        client.half_closes();
        client.hears_the_end()
    });
    served.map_err(|trouble| trouble.surely("one client's error has ended the server"))
}

const LENGTH_BOMB: Exercise = Exercise {
    name: "length-bomb",
    lesson: "09-framing",
    kind: Kind::Repair,
    task: "make a server survive the lengths that strangers send",
    section: "Reading one frame",
    hints: [
        "Four bytes are enough: printf '\\377\\377\\377\\377' | nc -N 127.0.0.1 7009. What \
         does read_frame do with such a length, before a byte of the message has come?",
        "A length from the wire is a claim. Compare it with what you are ready to give, \
         before you take memory for it, and before you wait for the message.",
        "Before vec![0; length]: if length > 65_536, return \
         Err(io::Error::new(ErrorKind::InvalidData, \"too long\")). serve does the rest.",
    ],
    steps: &[
        Step {
            says: "the program listens on the address that it is given",
            play: listens,
        },
        Step {
            says: "each frame is answered with its number of bytes",
            play: counted,
        },
        Step {
            says: "the largest message that is allowed is answered",
            play: allowed,
        },
        Step {
            says: "a length of four gigabytes gets an error, and then the end",
            play: bomb,
        },
        Step {
            says: "a message one byte too long is refused before it has come",
            play: one_more,
        },
        Step {
            says: "a browser gets an error, and then a clean end",
            play: browser,
        },
        Step {
            says: "a client that was there before the bombs is still served",
            play: others,
        },
    ],
};

fn counts(client: &mut Peer, message: &[u8]) -> Result<(), Trouble> {
    client.says(frame(message))?;
    client.hears(frame(format!("{} bytes", message.len())))
}

fn counted(stage: &mut Stage) -> Result<(), Trouble> {
    let words = [stage.word(), String::new(), stage.word() + "é"];
    let mut client = stage.client()?;
    client.says(words.each_ref().map(frame).concat())?;
    let answers = words.map(|word| frame(format!("{} bytes", word.len())));
    client.hears(answers.concat()).map_err(|trouble| {
        trouble.surely("what the server did well must stay: its answers are `N bytes`")
    })?;
    client.half_closes();
    client.hears_the_end()
}

fn allowed(stage: &mut Stage) -> Result<(), Trouble> {
    let bytes = stage.bytes(LIMIT);
    let mut client = stage.client()?;
    counts(&mut client, &bytes)
        .map_err(|trouble| trouble.surely("a message of just 65,536 bytes is allowed"))
}

fn bomb(stage: &mut Stage) -> Result<(), Trouble> {
    let refused = stage.client().and_then(|mut client| {
        client.says(head(usize::MAX))?;
        is_refused(&mut client)
    });
    let cause = "memory was taken for a length that a stranger only claims, and the server \
                 ended: look at the limit first";
    refused.map_err(|trouble| {
        let trouble = ended_by(stage, trouble.hint(2), cause);
        let complaints = stage.program().map(|program| program.complaints());
        if complaints.is_ok_and(|words| words.contains("capacity overflow")) {
            trouble.surely("the length became a number below zero: it has no sign")
        } else {
            trouble
        }
    })
}

fn one_more(stage: &mut Stage) -> Result<(), Trouble> {
    for length in [LIMIT + 1, 0x7fff_ffff, 0x9000_0000] {
        let refused = stage.client().and_then(|mut client| {
            client.says(head(length))?;
            is_refused(&mut client)
        });
        let cause = "the client who sent the bomb is to go, and not the server";
        refused.map_err(|trouble| ended_by(stage, trouble, cause))?;
    }
    Ok(())
}

fn browser(stage: &mut Stage) -> Result<(), Trouble> {
    let path = stage.word();
    let mut client = stage.client()?;
    client.says(format!("GET /{path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"))?;
    client.half_closes();
    is_refused(&mut client).map_err(|trouble| {
        let cause = "it closed with unread input, and so reset the connection: the error \
                     may get lost";
        trouble.surely(cause).read("Hanging up politely")
    })
}

fn others(stage: &mut Stage) -> Result<(), Trouble> {
    let cause = "a bomb of one client has ended the service for another";
    let (first, second) = (stage.word(), stage.word());
    let mut honest = stage.client()?;
    counts(&mut honest, first.as_bytes())?;
    for _ in 0..5 {
        let mut client = stage.client()?;
        client.says(head(usize::MAX))?;
        is_refused(&mut client)?;
    }
    counts(&mut honest, second.as_bytes()).map_err(|trouble| trouble.surely(cause))
}

/// Expects a frame that begins with `error: `, and then the end.
fn is_refused(client: &mut Peer) -> Result<(), Trouble> {
    let want = "a frame that begins with \"error: \"";
    let head = client.hears_just(4).map_err(|trouble| {
        let trouble = Trouble {
            expected: want.into(),
            ..trouble
        };
        if trouble.kind == TroubleKind::Timeout {
            trouble
                .because("it waits for a message that is known to be too long")
                .hint(2)
        } else {
            trouble
                .because("who has sent too much is to be told: with an error in a frame")
        }
    })?;
    let length = u32::from_be_bytes(head.try_into().unwrap_or_default()) as usize;
    if length > 1000 {
        let seen = format!("a frame of {length} bytes");
        return Err(Trouble::fail(want, seen)
            .because("the error is to be a frame: its length first, then its words"));
    }
    let words = client.hears_just(length)?;
    if !words.starts_with(b"error: ") {
        return Err(Trouble::fail(want, quoted(&words))
            .because("a message that is too long was answered like any other"));
    }
    client.hears_the_end().map_err(|trouble| {
        if trouble.kind == TroubleKind::Timeout {
            trouble.surely("after the error nothing can follow: the connection is to end")
        } else {
            trouble
        }
    })
}

const LINE_READER: Exercise = Exercise {
    name: "line-reader",
    lesson: "09-framing",
    kind: Kind::Build,
    task: "write a server that finds the lines in whatever recv gives",
    section: "A delimiter",
    hints: [
        "A recv may give half a line, or three and a half. So there must be a place that \
         outlives the call: `kept`. Look there first, and read only when it has no line.",
        "kept.iter().position(|byte| *byte == b'\\n') finds an end, kept.drain(..=end) \
         takes the line out, and what is behind it stays. Then take off \\n, and one \\r.",
        "No end in `kept`, and more than LIMIT + 1 bytes: too long. read gives 0: the \
         end, or `cut off`, when something is left. Say it, shut down, read the rest away.",
    ],
    steps: &[
        Step {
            says: "the program listens on the address that it is given",
            play: listens,
        },
        Step {
            says: "a line comes back in brackets, before the next is sent",
            play: lines,
        },
        Step {
            says: "a line may be empty, and may end with \\r\\n",
            play: ends_of_lines,
        },
        Step {
            says: "a line that comes in pieces is one line",
            play: line_in_pieces,
        },
        Step {
            says: "two lines and a half in one packet are two lines, and a half",
            play: two_and_a_half,
        },
        Step {
            says: "bytes that are no text are a line",
            play: no_text,
        },
        Step {
            says: "what has no end when the client ends is cut off",
            play: line_cut_off,
        },
        Step {
            says: "a line of 1,000 bytes is allowed, one more is too long",
            play: line_limit,
        },
        Step {
            says: "a line without end is refused, and the next client served",
            play: endless,
        },
    ],
};

fn lines(stage: &mut Stage) -> Result<(), Trouble> {
    let mut client = stage.client()?;
    for _ in 0..3 {
        let line = format!("{} {}", stage.word(), stage.word());
        client.says(format!("{line}\n"))?;
        client.hears(format!("[{line}]\n")).map_err(|trouble| {
            trouble.because("each line is answered as soon as its end has come")
        })?;
    }
    client.half_closes();
    client.hears_the_end().map_err(|trouble| {
        let cause =
            "the client has ended its sending: read gives 0 now, and nothing more";
        match trouble.kind {
            TroubleKind::Timeout => trouble.surely(cause).hint(3),
            _ => trouble,
        }
    })
}

fn ends_of_lines(stage: &mut Stage) -> Result<(), Trouble> {
    ends_understood(stage).map_err(|trouble| stage.after_the_end(trouble, NO_OTHER))
}

fn ends_understood(stage: &mut Stage) -> Result<(), Trouble> {
    let (one, two) = (stage.word(), stage.word());
    let mut client = stage.client()?;
    let told = client.says("\n");
    told.and_then(|()| client.hears("[]\n"))
        .map_err(|trouble| {
            trouble.surely("an empty line was taken for no line, or for the end")
        })?;
    client.says(format!("{one}\r\n"))?;
    client.hears(format!("[{one}]\n")).map_err(|trouble| {
        trouble.surely("the end of a line may be \\r\\n, and is no part of it")
    })?;
    client.says(format!(" {one}\r{two} \n"))?;
    client
        .hears(format!("[ {one}\r{two} ]\n"))
        .map_err(|trouble| {
            let cause =
                "only \\n and one \\r before it are the end: all else is the line";
            trouble.surely(cause).hint(2)
        })
}

fn line_in_pieces(stage: &mut Stage) -> Result<(), Trouble> {
    let line = format!("{} {}", stage.word(), stage.word());
    let cause = "one recv was taken for one line: read on until there is an end";
    for end in ["\n", "\r\n"] {
        let mut client = stage.client()?;
        let sizes = std::iter::repeat(1); // so \r and \n come apart, too
        let told = client.says_in_pieces(format!("{line}{end}"), sizes);
        let heard = told.and_then(|()| client.hears(format!("[{line}]\n")));
        heard.map_err(|trouble| trouble.surely(cause))?;
    }
    Ok(())
}

fn two_and_a_half(stage: &mut Stage) -> Result<(), Trouble> {
    let (one, two, three) = (stage.word(), stage.word(), stage.word());
    let (half, other) = three.split_at(2);
    let mut client = stage.client()?;
    client.says(format!("{one}\n{two}\r\n{half}"))?;
    client
        .hears(format!("[{one}]\n[{two}]\n"))
        .map_err(|trouble| {
            trouble.surely(
                "what came behind a line must stay for the next call, and be seen there",
            )
        })?;
    client.says(format!("{other}\n"))?;
    client.hears(format!("[{three}]\n")).map_err(|trouble| {
        trouble.surely("the half of a line that came behind another got lost")
    })
}

fn no_text(stage: &mut Stage) -> Result<(), Trouble> {
    let mut bytes = stage.bytes(300);
    bytes.retain(|byte| *byte != b'\n');
    bytes.extend(b"\xe9\xff\0.");
    let mut client = stage.client()?;
    client.says([&bytes[..], b"\n"].concat())?;
    let answer = [b"[", &bytes[..], b"]\n"].concat();
    client.hears(answer).map_err(|trouble| {
        trouble.surely("the line was taken for text: it may be any bytes")
    })
}

fn line_cut_off(stage: &mut Stage) -> Result<(), Trouble> {
    let (whole, half) = (stage.word(), stage.word());
    let mut client = stage.client()?;
    client.says(format!("{whole}\n{half}"))?;
    client.half_closes();
    client.hears(format!("[{whole}]\n"))?;
    client.hears("cut off\n").map_err(|trouble| {
        trouble
            .surely("that the last line was whole is only guessed: its end has not come")
            .hint(3)
    })?;
    client.hears_the_end()
}

fn line_limit(stage: &mut Stage) -> Result<(), Trouble> {
    let line = "x".repeat(1000);
    let mut client = stage.client()?;
    for end in ["\n", "\r\n"] {
        client.says(format!("{line}{end}"))?;
        client.hears(format!("[{line}]\n")).map_err(|trouble| {
            let cause = "a line of just 1,000 bytes is allowed: its end, \\n or \\r\\n, does not count";
            trouble.surely(cause).hint(3)
        })?;
    }
    client.says(format!("{line}x\n"))?;
    let cause = "a line of 1,001 bytes is too long, though its end has come";
    too_long_line(&mut client).map_err(|trouble| trouble.surely(cause))
}

fn endless(stage: &mut Stage) -> Result<(), Trouble> {
    for (length, ends) in [(1500, false), (20_000, true)] {
        let mut client = stage.client()?;
        client.says("x".repeat(length))?;
        if ends {
            client.half_closes();
        }
        too_long_line(&mut client).map_err(|trouble| {
            if trouble.kind == TroubleKind::Timeout {
                let cause = "it waits for the end of a line that is known to be too long";
                trouble.surely(cause).hint(3)
            } else if trouble.seen.contains("reset") {
                let cause = "it closed with unread input, and so reset the connection";
                trouble.surely(cause).read("Hanging up politely")
            } else {
                trouble
            }
        })?;
    }
    let mut client = stage.client()?;
    client.says("x")?;
    client.resets();
    let word = stage.word();
    let served = stage.client().and_then(|mut client| {
        client.says(format!("{word}\n"))?;
        client.hears(format!("[{word}]\n"))
    });
    served.map_err(|trouble| trouble.surely("one client's error has ended the server"))
}

fn too_long_line(client: &mut Peer) -> Result<(), Trouble> {
    client.hears("too long\n")?;
    client.hears_the_end()
}
