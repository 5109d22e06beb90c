//! What the checks of lesson 09 share.

use std::time::Duration;

use checker::{Failure, Peer, Stage};

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
    first.half_closes();
    first.hears_the_end()?;
    let served = stage.client().and_then(|mut client| answers(&mut client));
    served.map_err(|failure| {
        let cause = "a client that had gone before it was accepted has ended the server";
        failure.certain(cause)
    })
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
    "one client was served, and then no other: accept belongs in a loop";
