//! `line-reader`: the task, and what its check does.

use std::time::Duration;

use checker::{Exercise, Failure, FailureKind, Kind, Peer, Stage, Step};

use crate::framing::{
    NO_OTHER, NOTHING_MORE, ends_cleanly, gone_before_its_answers, lost_in_the_queue,
};

/// The exercise, and the steps of its check.
pub const EXERCISE: Exercise = Exercise {
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
            play: Stage::starts_server_where_told,
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
            says: "a thousand lines in one go are a thousand lines",
            play: many_lines,
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
            says: "the lines before one that is too long are answered",
            play: before_a_long_one,
        },
        Step {
            says: "a line without end is refused, and the next client served",
            play: endless,
        },
        Step {
            says: "a client that has gone before it is accepted ends nothing",
            play: gone_before,
        },
        Step {
            says: "nor does one that has gone before its answers",
            play: gone_early,
        },
    ],
};

const WAITS: &str = "it waits for the end of a line that is known to be too long";

const RECV_IS_NO_LINE: &str =
    "one recv was taken for one line: read on until there is an end";

fn lines(stage: &mut Stage) -> Result<(), Failure> {
    let mut client = stage.client()?;
    for _ in 0..3 {
        let line = format!("{} {}", stage.word(), stage.word());
        client.says(format!("{line}\n"))?;
        client.hears(format!("[{line}]\n")).map_err(|failure| {
            failure.likely("each line is answered as soon as its end has come")
        })?;
    }
    client.half_closes();
    client.hears_the_end().map_err(|failure| {
        let cause =
            "the client has ended its sending: read gives 0 now, and nothing more";
        match failure.kind {
            FailureKind::Timeout => failure.certain(cause).hint(2),
            _ if failure.seen.contains("cut off") => failure
                .certain("nothing was left after the last \\n: so nothing is cut off")
                .hint(2),
            _ => failure,
        }
    })
}

fn ends_of_lines(stage: &mut Stage) -> Result<(), Failure> {
    ends_understood(stage).map_err(|failure| stage.after_the_end(failure, NO_OTHER))
}

fn ends_understood(stage: &mut Stage) -> Result<(), Failure> {
    let (one, two) = (stage.word(), stage.word());
    let mut client = stage.client()?;
    let told = client.says("\n");
    told.and_then(|()| client.hears("[]\n"))
        .map_err(|failure| {
            failure.certain("an empty line was taken for no line, or for the end")
        })?;
    for line in [one.as_str(), ""] {
        client.says(format!("{line}\r\n"))?;
        client.hears(format!("[{line}]\n")).map_err(|failure| {
            let heard = failure.bytes.as_ref().map(|(_, heard)| &heard[..]);
            let same_end = heard == Some(format!("[{line}]\r").as_bytes());
            failure.certain(if same_end {
                "an answer ends with \\n alone, whatever the end of its line was"
            } else {
                "the end of a line may be \\r\\n, and is no part of it"
            })
        })?;
    }
    let cause = "only \\n and one \\r before it are the end: all else is the line";
    for line in [format!(" {one}\r{two} "), format!("{one}\r"), "\r".into()] {
        client.says(format!("{line}\r\n"))?;
        client
            .hears(format!("[{line}]\n"))
            .map_err(|failure| failure.certain(cause))?;
    }
    // It stays unknown what a \r is until the next byte has come.
    client.says_apart([one.as_bytes(), b"\r", two.as_bytes(), b"\n"])?;
    client
        .hears(format!("[{one}\r{two}]\n"))
        .map_err(|failure| {
            let last = format!("[{two}]\n");
            let heard = failure.bytes.as_ref().map(|(_, heard)| &heard[..]);
            let a_recv =
                heard.is_some_and(|heard| [b"[]\n", last.as_bytes()].contains(&heard));
            failure.certain(if a_recv { RECV_IS_NO_LINE } else { cause })
        })
}

fn line_in_pieces(stage: &mut Stage) -> Result<(), Failure> {
    let line = format!("{} {}", stage.word(), stage.word());
    for end in ["\n", "\r\n"] {
        let mut client = stage.client()?;
        let sizes = std::iter::repeat(1); // so \r and \n come apart, too
        let told = client.says_in_pieces(format!("{line}{end}"), sizes);
        let heard = told.and_then(|()| client.hears(format!("[{line}]\n")));
        heard.map_err(|failure| {
            let heard = failure.bytes.as_ref().map(|(_, heard)| &heard[..]);
            let kept = heard == Some(format!("[{line}\r]").as_bytes());
            failure.certain(if kept {
                "\\r may come in one recv and \\n in the next: both are the end all the same"
            } else {
                RECV_IS_NO_LINE
            })
        })?;
    }
    Ok(())
}

fn two_and_a_half(stage: &mut Stage) -> Result<(), Failure> {
    let (one, two, three) = (stage.word(), stage.word(), stage.word());
    let (half, other) = three.split_at(2);
    let mut client = stage.client()?;
    client.says(format!("{one}\n{two}\r\n{half}"))?;
    client
        .hears(format!("[{one}]\n[{two}]\n"))
        .map_err(|failure| {
            failure.certain(
                "what came behind a line must stay for the next call, and be seen there",
            )
        })?;
    client.says(format!("{other}\n"))?;
    client.hears(format!("[{three}]\n")).map_err(|failure| {
        failure.certain("the half of a line that came behind another got lost")
    })
}

fn many_lines(stage: &mut Stage) -> Result<(), Failure> {
    let line = format!("{} {}", stage.word(), stage.word());
    let mut client = stage
        .client()
        .map_err(|failure| failure.certain(NO_OTHER))?;
    client.says(format!("{line}\n").repeat(1000))?;
    let heard = client.hears(format!("[{line}]\n").repeat(1000));
    heard.map_err(|failure| {
        let heard = failure.bytes.as_ref().map(|(_, heard)| &heard[..]);
        let holds = |part: &[u8]| {
            heard.is_some_and(|heard| heard.windows(part.len()).any(|some| some == part))
        };
        let cause = if holds(b"too lo") {
            "many lines may come at once: the limit is for one line, not for what is kept"
        } else if holds(format!("{line}\n{line}").as_bytes()) {
            "what came at once was taken for one line: each line in it has an answer of its own"
        } else {
            "a client may send as many lines as it likes, and each is answered"
        };
        stage.after_the_end(failure.certain(cause).hint(2), NO_OTHER)
    })
}

fn no_text(stage: &mut Stage) -> Result<(), Failure> {
    let mut bytes = stage.bytes(300);
    bytes.retain(|byte| *byte != b'\n');
    bytes.extend(b"\xe9\xff\0.");
    let mut client = stage.client()?;
    client.says([&bytes[..], b"\n"].concat())?;
    let answer = [b"[", &bytes[..], b"]\n"].concat();
    client.hears(answer).map_err(|failure| {
        failure.certain("the line was taken for text: it may be any bytes")
    })
}

fn line_cut_off(stage: &mut Stage) -> Result<(), Failure> {
    let (whole, half) = (stage.word(), stage.word());
    for rest in [half.clone(), half + "\r", "\r".into()] {
        let mut client = stage.client()?;
        client.says(format!("{whole}\n{rest}"))?;
        client.half_closes();
        client.hears(format!("[{whole}]\n")).map_err(|failure| {
            failure.likely(
                "a client's first line begins with its first byte: nothing is \
                            kept of the client before",
            )
        })?;
        client.hears("cut off\n").map_err(|failure| {
            let cause = "what came after the last \\n is no line, whatever it is: it \
                         is cut off";
            failure.certain(cause).hint(2)
        })?;
        client.hears_the_end()?;
    }
    Ok(())
}

fn line_limit(stage: &mut Stage) -> Result<(), Failure> {
    let line = "x".repeat(1000);
    let mut client = stage.client()?;
    for end in ["\n", "\r\n"] {
        client.says(format!("{line}{end}"))?;
        client.hears(format!("[{line}]\n")).map_err(|failure| {
            let cause = "a line of just 1,000 bytes is allowed: its end, \\n or \
                         \\r\\n, does not count";
            failure.certain(cause).hint(2)
        })?;
    }
    client.says_apart([line.as_bytes(), b"\r", b"\n"])?;
    client.hears(format!("[{line}]\n")).map_err(|failure| {
        let cause = "after 1,000 bytes a \\r may be the start of the end: only the next byte \
                     tells";
        failure.certain(cause).hint(3)
    })?;
    let cause = "a line of 1,001 bytes is too long, though its end has come";
    client.says(format!("{line}x\r\n"))?;
    too_long_line(&mut client).map_err(|failure| failure.likely(cause))?;
    drop(client); // else the server may wait for it to go
    let mut client = stage.client()?;
    client.says(format!("{line}x\n"))?;
    let told = client.hears("too long\n");
    told.map_err(|failure| failure.likely(cause))?;
    ends_cleanly(&mut client, &[1, 1])?; // the second one finds out
    let mut client = stage.client()?;
    client.says(line)?;
    client.half_closes();
    client.hears("cut off\n").map_err(|failure| {
        failure.certain("1,000 bytes without an end are cut off: they are not too long")
    })
}

fn before_a_long_one(stage: &mut Stage) -> Result<(), Failure> {
    let word = stage.word();
    let mut client = stage.client()?;
    client.says(format!("{word}\n\n{}", "x".repeat(3000)))?;
    client.hears(format!("[{word}]\n[]\n")).map_err(|failure| {
        let cause = "before the line that is too long there were others: they come first";
        failure.certain(cause).hint(2)
    })?;
    client
        .hears("too long\n")
        .map_err(|failure| match failure.kind {
            FailureKind::Timeout => failure.certain(WAITS).hint(2),
            _ if failure.seen.starts_with("\"[") => failure.likely(
                "the start of a line that is too long was answered, too: it gets `too long`, \
                 and nothing else",
            ),
            _ => failure,
        })?;
    ends_cleanly(&mut client, &[4096; 4])
}

fn endless(stage: &mut Stage) -> Result<(), Failure> {
    for (length, ends) in [(1002, false), (20_000, true)] {
        let mut client = stage.client()?;
        client.says("x".repeat(length))?;
        if ends {
            client.half_closes();
        }
        too_long_line(&mut client).map_err(|failure| {
            if failure.kind == FailureKind::Timeout && !failure.certain {
                failure.certain(WAITS).hint(2)
            } else if failure.seen.contains("reset") {
                let cause = "it closed with unread input, and so reset the connection";
                failure.certain(cause).read("Hanging up politely")
            } else {
                failure
            }
        })?;
        if !ends {
            stays_silent(stage, client)?;
        }
    }
    let mut client = stage.client()?;
    let word = stage.word();
    client.says(format!("{word}\n"))?;
    client.hears(format!("[{word}]\n"))?; // so it has been accepted
    client.says("x")?;
    client.resets();
    stage.program()?.sleeps().ok(); // it has seen that
    let served = stage.client().and_then(|mut client| {
        client.says(format!("{word}\n"))?;
        client.hears(format!("[{word}]\n"))
    });
    served.map_err(|failure| failure.certain("one client's error has ended the server"))
}

/// A client that was refused stays, and says nothing more. Where the wait for it has an end, that
/// is no error of the server's; where it has none, nothing is asked.
fn stays_silent(stage: &mut Stage, mut refused: Peer) -> Result<(), Failure> {
    const SHORT: Duration = Duration::from_millis(5);
    stage.program()?.sleeps().ok(); // it reads the rest away by now
    if stage.shortens_its_wait(&refused, SHORT).is_none() {
        return Ok(());
    }
    refused.says("x")?;
    let word = stage.word();
    let served = stage.client().and_then(|mut client| {
        client.says(format!("{word}\n"))?;
        client.hears(format!("[{word}]\n"))
    });
    match served {
        // It may wait for other reasons, too.
        Err(failure) if failure.kind != FailureKind::Timeout => {
            let cause = "a refused client stayed, and sent nothing more: the end of the wait \
                         for it has ended the server";
            Err(failure.certain(cause).read("Hanging up politely"))
        }
        _ => Ok(()),
    }
}

fn gone_before(stage: &mut Stage) -> Result<(), Failure> {
    let word = stage.word();
    lost_in_the_queue(stage, |client| {
        client.says(format!("{word}\n"))?;
        client.hears(format!("[{word}]\n"))
    })
}

fn gone_early(stage: &mut Stage) -> Result<(), Failure> {
    let word = stage.word();
    let many = format!("{word}\n").repeat(2000);
    gone_before_its_answers(stage, many.as_bytes(), |client| {
        client.says(format!("{word}\n"))?;
        client.hears(format!("[{word}]\n"))
    })
}

fn too_long_line(client: &mut Peer) -> Result<(), Failure> {
    client.hears("too long\n")?;
    client
        .hears_the_end()
        .map_err(|failure| match failure.kind {
            FailureKind::Timeout => failure.certain(NOTHING_MORE),
            _ => failure,
        })
}
