//! `half-close-echo`: the task, and what its check does.

use std::time::Duration;

use checker::{Exercise, Failure, Kind, MOST, Stage, Step};

/// The exercise, and the steps of its check.
pub const EXERCISE: Exercise = Exercise {
    name: "half-close-echo",
    lesson: "06-forever-loop",
    kind: Kind::Build,
    task: "write an echo server that answers all of what a client sent before its end",
    section: "Step 1: a loop around accept",
    hints: [
        "Send back what a recv gave before you call the next: the client may wait for it. \
         A client that has shut down its sending still listens: close only after recv \
         gave 0.",
        "Copy in a loop: read into a buffer; 0 means the end; else write_all just the \
         bytes that were read. After the loop the stream is dropped, and so closed.",
        "One client's error must not end the loop over the clients: give the copying a \
         function of its own that returns io::Result, and print its error.",
    ],
    steps: &[
        Step {
            says: "the program listens on the address that it is given",
            play: Stage::starts_server_where_told,
        },
        Step {
            says: "a word comes back before the client has closed",
            play: word,
        },
        Step {
            says: "bytes that are no text come back unchanged",
            play: any_bytes,
        },
        Step {
            says: "what was sent in pieces comes back whole",
            play: pieces,
        },
        Step {
            says: "no word is a command: all of them come back",
            play: no_commands,
        },
        Step {
            says: "the answer comes also after the client's half-close",
            play: half,
        },
        Step {
            says: "the client then sees the end of the stream",
            play: end,
        },
        Step {
            says: "a client that resets does not end the server",
            play: reset,
        },
        Step {
            says: "nor does one that has gone before it is accepted, or before its echo",
            play: gone,
        },
        Step {
            says: "a client may send more than a megabyte",
            play: much,
        },
    ],
};

fn word(stage: &mut Stage) -> Result<(), Failure> {
    let word = stage.word();
    let mut client = stage.client()?;
    client.says(&word)?;
    client.hears(&word).map_err(|failure| {
        failure.likely("what comes back must be made of what the client has sent")
    })?;
    client.half_closes();
    client.hears_the_end().map_err(|failure| {
        if failure.seen == "a reset" {
            // All that was sent has come back: so no input was unread.
            let cause = "the connection was reset (SO_LINGER of 0 does that): the end of the \
                         stream comes from a close or a shutdown";
            return failure.certain(cause);
        }
        let more = failure.bytes.as_ref().map(|(_, more)| &more[..]);
        match more {
            Some(more) if more.len() > 8 => {
                let cause = "what was not read was sent, too: read says how many bytes of the \
                             buffer are the client's";
                failure.certain(cause).hint(2)
            }
            _ => failure,
        }
    })
}

fn any_bytes(stage: &mut Stage) -> Result<(), Failure> {
    let mut bytes: Vec<u8> = (0..=255).collect();
    stage.chance.shuffle(&mut bytes);
    echoed(stage, &bytes).map_err(|failure| {
        let cause = "one client was served, and then no other: accept belongs in a loop";
        stage.after_the_end(failure, cause)
    })
}

fn echoed(stage: &mut Stage, bytes: &[u8]) -> Result<(), Failure> {
    let mut client = stage.client()?;
    client.says(bytes)?;
    client.hears(bytes).map_err(|failure| {
        let ended = failure.seen.contains("the end of the stream")
            || failure.seen.contains("a reset");
        failure.probably(if ended {
            "a byte was taken for the end, or the bytes for text: the end is a read that gives \
             0, and any bytes come before it"
        } else {
            "the bytes were taken for text: an echo needs no String"
        })
    })?;
    client.half_closes();
    client.hears_the_end()
}

fn pieces(stage: &mut Stage) -> Result<(), Failure> {
    let text = [stage.word(), stage.word(), stage.word(), stage.word()].join(" ");
    let sizes = stage.sizes(8);
    let mut client = stage.client()?;
    client.says_apart([&text.as_bytes()[..1]])?;
    stage.takes_its_time(&client)?;
    let told = client.says_in_pieces(&text[1..], sizes);
    told.and_then(|()| client.hears(&text)).map_err(|failure| {
        let other = failure.bytes.as_ref();
        let other = other.is_some_and(|(all, heard)| !all.starts_with(heard));
        let cause = if other {
            "other bytes came than were sent, or the same ones twice: send just those \
             that a read gave, once"
        } else {
            "one recv was taken for all: it gives what has come so far"
        };
        failure.certain(cause).hint(2)
    })?;
    client.half_closes();
    client.hears_the_end()
}

fn no_commands(stage: &mut Stage) -> Result<(), Failure> {
    let mut client = stage.client()?;
    let word = stage.word();
    for line in ["quit\n", "exit\r\n", "\n", ".\n", "\x04", &word] {
        let told = client.says(line);
        told.and_then(|()| client.hears(line)).map_err(|failure| {
            let cause = "a word or a byte was taken for a command, or for the end: it is to come \
                         back, as all others do";
            failure.certain(cause).hint(2)
        })?;
    }
    Ok(())
}

fn half(stage: &mut Stage) -> Result<(), Failure> {
    let bytes = stage.bytes(20_000);
    let none = "some clients were served, and then no other: accept belongs in a loop";
    let mut client = stage.client().map_err(|failure| failure.certain(none))?;
    client.says(&bytes)?;
    client.half_closes();
    let heard = client.hears(&bytes).map_err(|failure| {
        failure.likely("some of the bytes that came were not sent back")
    });
    let heard = heard.and_then(|()| client.hears_the_end());
    heard.map_err(|failure| stage.after_the_end(failure, none))?;
    late(stage)
}

fn end(stage: &mut Stage) -> Result<(), Failure> {
    let mut client = stage.client()?;
    client.half_closes();
    client.hears_the_end()?;
    next_is_served(stage).map_err(|failure| {
        failure.probably("a client that has sent nothing has ended the server")
    })
}

/// The same with a client that receives late, and sends more than all the buffers of the
/// kernel hold: a server that goes on reading meanwhile has lost some of it.
fn late(stage: &mut Stage) -> Result<(), Failure> {
    let bytes = stage.bytes(300_000);
    let mut client = stage.narrow_client()?;
    let taken = stage.fills(&mut client, &bytes)?;
    stage.takes_its_time(&client)?;
    client.half_closes();
    let all = bytes[..taken]
        .chunks(50_000)
        .try_for_each(|part| client.hears(part));
    all.and_then(|()| client.hears_the_end()).map_err(|failure| {
        let cause = "the client did not receive for a while, and then not all came: what \
                     one write does not take is sent later, and all before the close";
        failure.certain(cause).hint(2)
    })
}

fn gone(stage: &mut Stage) -> Result<(), Failure> {
    stage.client_gone_from_the_queue()?;
    let cause = "a client that had gone before it was accepted has ended the server";
    next_is_served(stage).map_err(|failure| failure.certain(cause).hint(3))?;
    // Some reads and writes: the second write finds nobody.
    let bytes = stage.bytes(40_000);
    stage.client_gone_before_its_answers(&bytes)?;
    let cause = "the echo went to a client that had gone: that error, too, is its own";
    next_is_served(stage).map_err(|failure| {
        failure
            .certain(cause)
            .hint(3)
            .read("Step 2: one client's error is its own")
    })
}

/// More than a megabyte on one connection, to and fro; less for one that takes its time, as
/// who sends back byte by byte does.
fn much(stage: &mut Stage) -> Result<(), Failure> {
    let bytes = stage.bytes(60_000);
    let mut client = stage.client()?;
    client.acknowledges_at_once();
    let before = stage.work();
    for round in 0..MOST / bytes.len() {
        let enough = match round * bytes.len() {
            ..MUCH => Duration::from_secs(2),
            _ => Duration::from_millis(500),
        };
        if stage.work().since(before) > enough {
            break;
        }
        let told = client.says(&bytes);
        told.and_then(|()| client.hears(&bytes)).map_err(|failure| {
            let cause = "after some number of bytes no more came back: a client may send as many as \
                         it likes";
            failure.certain(cause)
        })?;
    }
    Ok(())
}

/// More than a megabyte, which one could take for enough.
const MUCH: usize = 1_100_000;

fn next_is_served(stage: &mut Stage) -> Result<(), Failure> {
    let word = stage.word();
    let mut next = stage.client()?;
    next.says(&word)?;
    next.hears(&word)
}

fn reset(stage: &mut Stage) -> Result<(), Failure> {
    let word = stage.word();
    let mut client = stage.client()?;
    client.says(&word)?;
    client.hears(&word)?; // so it has been accepted
    client.resets();
    stage.program()?.sleeps().ok(); // until it has seen that
    let ended = |failure: Failure| {
        failure
            .certain("the error of one client has ended the whole server")
            .hint(3)
            .read("Step 2: one client's error is its own")
    };
    next_is_served(stage).map_err(ended)?;
    let before = stage.holdings()?;
    for _ in 0..20 {
        let mut client = stage.client()?;
        client.says(&word)?;
        client.hears(&word)?;
        client.resets();
    }
    stage.has_given_back(before, 10)
}
