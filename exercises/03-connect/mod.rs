//! What the checks of lesson 03 share.

use std::net::Ipv4Addr;
use std::thread;
use std::time::{Duration, Instant};

use checker::{ANSWER, Attempts, Door, Failure, Peer, Stage, quoted};

/// How long a program may run on after its first attempt to reach the first of so many
/// addresses that do not answer: what it may wait, and what a busy machine may add.
pub fn enough(silent: usize) -> Duration {
    Duration::from_millis(1000 + 200 * silent as u64)
}

/// It waits no shorter than that: the clocks of the kernel and of the checker may differ a little.
const TOO_SHORT: Duration = Duration::from_millis(190);

/// Another address of this machine: on Linux all of 127.0.0.0/8 are.
pub fn loopback(stage: &mut Stage) -> Ipv4Addr {
    let chance = &mut stage.chance;
    Ipv4Addr::new(127, chance.u8(1..), chance.u8(..), chance.u8(1..255))
}

/// Whether an address that does not answer has had its 0.2 seconds, and not much more.
pub fn waits_long_enough(attempts: Option<Attempts>) -> Result<(), Failure> {
    let most = attempts.map(|attempts| attempts.shortest.1);
    let Some(most) = most.filter(|most| *most < TOO_SHORT) else {
        return Ok(());
    };
    let seen = format!("it gave up after at most {} ms", most.as_millis());
    let failure = Failure::new("an attempt of 0.2 seconds", seen);
    let cause = "an answer from far away takes a while: whoever gives up before 0.2 seconds \
                 are over misses it";
    Err(failure
        .certain(cause)
        .hint(2)
        .read("A host that does not answer"))
}

/// Whether it has gone on after that: it may run on no longer than `enough`. A program may be
/// slow for other reasons: the attempts themselves are to have taken too long.
pub fn waits_too_long(
    attempts: Option<Attempts>,
    enough: Duration,
) -> Result<(), Failure> {
    let slow = attempts.filter(|attempts| attempts.shortest.0 >= TOO_LONG);
    let whole = slow.map(|attempts| attempts.whole);
    let Some(whole) = whole.filter(|whole| *whole >= enough) else {
        return Ok(());
    };
    let seen = format!("it still runs after {} ms", whole.as_millis());
    let failure = Failure::timeout("an attempt of 0.2 seconds", seen);
    let cause = "what does not answer holds the program up: give connect a timeout of 0.2 \
                 seconds, for the kernel waits for minutes";
    Err(failure
        .certain(cause)
        .hint(2)
        .read("A host that does not answer"))
}

/// Whether the looks at the attempts were too rare to tell how long the shortest took, as on
/// a machine with much to do: then it is looked at again.
fn cannot_tell(attempts: Option<Attempts>) -> bool {
    attempts.is_some_and(|attempts| {
        let (least, most) = attempts.shortest;
        (least < TOO_SHORT / 2 && most >= TOO_SHORT)
            || (least < TOO_LONG && most >= TOO_LONG)
    })
}

/// Plays this step until its attempts can be judged, and expects that they do not take longer
/// than 0.2 seconds. On a busy machine one may take longer, but not each time.
pub fn in_time(
    stage: &mut Stage,
    play: fn(&mut Stage) -> Result<Option<Attempts>, Failure>,
) -> Result<(), Failure> {
    let mut slow = 0;
    for _ in 0..TRIES {
        let attempts = play(stage)?;
        let least = attempts.map_or(Duration::ZERO, |attempts| attempts.shortest.0);
        if least >= TOO_LONG {
            slow += 1;
        } else if !cannot_tell(attempts) {
            return Ok(());
        }
        if slow == SLOW {
            let seen = format!("the shortest took {} ms or more", least.as_millis());
            let failure = Failure::new("an attempt of 0.2 seconds", seen);
            let cause = "the timeout of connect is longer than 0.2 seconds: with many addresses \
                         that do not answer the difference is large";
            return Err(failure
                .certain(cause)
                .hint(2)
                .read("A host that does not answer"));
        }
    }
    Ok(())
}

/// No attempt of 0.2 seconds takes so long several times, though a busy machine may be late.
const TOO_LONG: Duration = Duration::from_millis(400);

/// How often it must have taken too long.
const SLOW: usize = 3;

/// Who has connected to this door; its handshake may need a moment yet. None: nobody.
pub fn who_came(door: &Door) -> Result<Option<Peer>, Failure> {
    let end = Instant::now() + ANSWER;
    loop {
        match door.lets_in_who_waits()? {
            None if Instant::now() < end => thread::sleep(Duration::from_millis(1)),
            came => return Ok(came),
        }
    }
}

/// A program that has ended has said nothing to this peer.
pub fn said_nothing(peer: &mut Peer) -> Result<(), Failure> {
    // An end or a reset is how it left.
    let Ok(mut said) = peer.hears_just(1) else {
        return Ok(());
    };
    said.extend(peer.hears_all(8192).unwrap_or_default());
    let failure = Failure::new("an end, and not a word before it", quoted(&said));
    let cause = "something is sent on a connection that is to be closed in silence";
    Err(failure.certain(cause))
}

/// How often a step is played in which the looks were too rare.
const TRIES: usize = 8;
