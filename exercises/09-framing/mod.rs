//! What the checks of lesson 09 share.

use std::time::{Duration, Instant};

use checker::{Failure, FailureKind, Peer, Stage};

/// The most bytes in a message.
pub const LIMIT: usize = 65_536;

/// How long a program that has failed may take to end.
pub const MOMENT: Duration = Duration::from_millis(300);

/// A length as it stands before a message.
pub fn head(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}

pub fn frame(message: impl AsRef<[u8]>) -> Vec<u8> {
    let message = message.as_ref();
    [&head(message.len()), message].concat()
}

/// The same failure; with this cause, if the program has ended by now.
pub fn ended_by(stage: &mut Stage, failure: Failure, cause: &str) -> Failure {
    let ended = stage.program().and_then(|program| program.wait(MOMENT));
    if ended.is_ok() {
        failure.certain(cause)
    } else {
        failure
    }
}

/// A client of a server that serves one at a time waits in the queue of accept, and is reset
/// there. Whoever comes after it is to be served: `answers` asks one that is.
pub fn lost_in_the_queue(
    stage: &mut Stage,
    answers: impl Fn(&mut Peer) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut first = stage.client()?;
    answers(&mut first)?;
    stage.program()?.stops()?; // a server with threads accepts at once
    stage.client()?.resets();
    stage.program()?.goes_on()?;
    stage.program()?.sleeps().ok(); // it has seen that one is gone, if it looks already
    // What becomes of it is no matter of this: a read with a timeout ends with EINTR where its
    // program was stopped (signal(7)).
    drop(first);
    let served = stage.client().and_then(|mut client| answers(&mut client));
    served.map_err(|failure| {
        let cause = "a client that had gone before it was accepted has ended the server";
        failure.certain(cause)
    })
}

/// A client says this, and has gone before the first of its answers. Whoever comes after it
/// is to be served: `answers` asks one that is.
pub fn gone_before_its_answers(
    stage: &mut Stage,
    said: &[u8],
    answers: impl Fn(&mut Peer) -> Result<(), Failure>,
) -> Result<(), Failure> {
    stage.client_gone_before_its_answers(said)?;
    let served = stage.client().and_then(|mut client| answers(&mut client));
    served.map_err(|failure| {
        let cause = "a client had gone when its answers were written, and the server ended \
                     with it";
        failure.certain(cause)
    })
}

/// A client that was refused goes on sending, in pieces of these sizes: a socket that is closed
/// meanwhile answers with a reset, and the words of refusal can get lost.
pub fn ends_cleanly(client: &mut Peer, sizes: &[usize]) -> Result<(), Failure> {
    let bytes = [b'x'; LIMIT];
    let told = client.says_apart(sizes.iter().map(|size| &bytes[..*size]));
    let ended = told.and_then(|()| client.was_let_say_all()).and_then(|()| {
        client.half_closes();
        client.hears_the_end()
    });
    ended.map_err(|failure| {
        let cause = match (failure.kind, &failure.bytes) {
            (FailureKind::Timeout, _) => NOTHING_MORE,
            (_, Some(_)) => "the words of refusal come once: after them comes the end",
            _ => {
                "it closed while its client was still sending, and so reset the \
                 connection: end your half, and read the rest away"
            }
        };
        failure.certain(cause).hint(3).read("Hanging up politely")
    })
}

/// The cause where a connection stays open after a refusal.
pub const NOTHING_MORE: &str =
    "after a refusal nothing can follow: the connection is to end";

/// Much more than a program needs beside its messages, threads and their stacks included,
/// and less than the lengths that are claimed: 2 to 4 GiB.
const MUCH: u64 = 3 << 29;

/// Has clients claim lengths, and fails when the program has taken memory for them. (A kernel
/// gives it, and no page of it is there before it is touched: nothing else would show.)
pub fn takes_no_memory(
    stage: &mut Stage,
    claim: impl FnOnce(&mut Stage) -> Result<(), Failure>,
) -> Result<(), Failure> {
    const CAUSE: &str =
        "memory was taken for a length that is only a claim: look at the limit first";
    let before = stage.program()?.memory_asked_for();
    let claimed = claim(stage);
    let after = stage.program()?.memory_asked_for();
    let taken = after
        .zip(before)
        .map_or(0, |(after, before)| after.saturating_sub(before));
    if taken < MUCH {
        return claimed;
    }
    // To fill it takes a while.
    claimed.map_err(|failure| match failure.kind {
        FailureKind::Timeout => failure.certain(CAUSE).hint(2),
        _ => failure,
    })?;
    let seen = format!("it has asked the system for {} MiB", taken >> 20);
    let failure = Failure::new("no memory for a length that is above the limit", seen);
    Err(failure.certain(CAUSE).hint(2))
}

/// Fails when an answer took longer every time than a machine is busy: `seen` are all times.
pub fn at_once(seen: &[Instant], expected: &str) -> Result<(), Failure> {
    const LATE: Duration = Duration::from_millis(700);
    let quickest = seen.windows(2).map(|two| two[1] - two[0]).min();
    match quickest {
        Some(time) if time > LATE => {
            let seen = format!("after {time:.0?}, and that each time");
            Err(Failure::new(format!("{expected} at once"), seen)
                .certain("it waits for something, or sleeps, though all is known"))
        }
        _ => Ok(()),
    }
}

/// How long an answer may take that depends on nothing any more.
const SOON: Duration = Duration::from_millis(300);

/// After a time-out: whether the answer comes when the client ends its sending.
pub fn waits_for_the_end(client: &mut Peer, failure: Failure) -> Failure {
    client.half_closes();
    match client.hears_nothing_for(SOON) {
        Err(heard) if heard.seen != "the end of the stream" => failure.certain(
            "the answer comes when the client has ended its sending: 4 bytes, the highest \
             first, say before that where the message ends",
        ),
        _ => failure,
    }
}

/// The likely cause when the second client finds nobody.
pub const NO_OTHER: &str =
    "one client, or a few, were served, and then no other: accept belongs in a loop";
