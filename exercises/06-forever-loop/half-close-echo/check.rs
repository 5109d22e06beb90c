//! `half-close-echo`: the task, and what its check does.

use checker::{Exercise, Failure, Kind, Stage, Step};

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
            play: Stage::starts_server,
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
    let bytes = stage.bytes(300);
    echoed(stage, &bytes).map_err(|failure| {
        let cause = "one client was served, and then no other: accept belongs in a loop";
        stage.after_the_end(failure, cause)
    })
}

fn echoed(stage: &mut Stage, bytes: &[u8]) -> Result<(), Failure> {
    let mut client = stage.client()?;
    client.says(bytes)?;
    client.hears(bytes).map_err(|failure| {
        failure.likely("the bytes were taken for text: an echo needs no String")
    })?;
    client.half_closes();
    client.hears_the_end()
}

fn pieces(stage: &mut Stage) -> Result<(), Failure> {
    let text = [stage.word(), stage.word(), stage.word(), stage.word()].join(" ");
    let sizes = stage.sizes(8);
    let mut client = stage.client()?;
    let told = client.says_in_pieces(&text, sizes);
    told.and_then(|()| client.hears(&text)).map_err(|failure| {
        let cause = "one recv was taken for all: it gives what has come so far";
        failure.certain(cause).hint(2)
    })?;
    client.half_closes();
    client.hears_the_end()
}

fn half(stage: &mut Stage) -> Result<(), Failure> {
    let bytes = stage.bytes(20_000);
    let mut client = stage.client()?;
    client.says(&bytes)?;
    client.half_closes();
    client.hears(&bytes)?;
    client.hears_the_end()?;
    late(stage)
}

fn end(stage: &mut Stage) -> Result<(), Failure> {
    let mut client = stage.client()?;
    client.half_closes();
    client.hears_the_end()
}

/// The same with a client that receives late, and sends more than all the buffers of the
/// kernel hold: a server that goes on reading meanwhile has lost some of it.
fn late(stage: &mut Stage) -> Result<(), Failure> {
    let bytes = stage.bytes(300_000);
    let mut client = stage.narrow_client()?;
    let mut taken = 0;
    loop {
        let more = client.says_until_full(&bytes[taken..])?;
        taken += more;
        if more == 0 || taken == bytes.len() {
            break;
        }
        // Perhaps it only had no processor.
        stage.program()?.sleeps().ok();
    }
    client.half_closes();
    let all = bytes[..taken]
        .chunks(50_000)
        .try_for_each(|part| client.hears(part));
    all.and_then(|()| client.hears_the_end()).map_err(|failure| {
        let cause = "the client did not receive for a while: one write took only a part of \
                     the bytes, or none, and the rest was not sent";
        failure.certain(cause).hint(2)
    })
}

fn reset(stage: &mut Stage) -> Result<(), Failure> {
    let (first, second) = (stage.word(), stage.word());
    let mut client = stage.client()?;
    client.says(&first)?;
    client.resets();
    stage.program()?.sleeps().ok(); // until it has seen that
    let next = stage.client();
    let served = next.and_then(|mut next| {
        next.says(&second)?;
        next.hears(&second)
    });
    served.map_err(|failure| {
        failure
            .certain("the error of one client has ended the whole server")
            .hint(3)
            .read("Step 2: one client's error is its own")
    })
}
