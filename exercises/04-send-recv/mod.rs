//! What the checks of lesson 04 share.

use std::thread;
use std::time::{Duration, Instant};

use checker::{Door, Failure, Peer, START, Stage, quoted, said};

/// Three lines of text, so that no page looks like another.
pub fn page(stage: &mut Stage) -> Vec<u8> {
    let lines = [(); 3].map(|()| format!("{} {}\n", stage.word(), stage.word()));
    lines.concat().into_bytes()
}

/// Waits for the program to connect. One that has ended is not waited for.
pub fn lets_in(stage: &mut Stage, door: &Door) -> Result<Peer, Failure> {
    let end = stage.within(START);
    let expected = format!("a connection to {}", door.address());
    loop {
        let ended = stage.program()?.ended(); // before the look: it may connect and end
        if let Some(peer) = door.lets_in_who_waits()? {
            return Ok(peer);
        }
        if let Some(status) = ended {
            let seen =
                format!("the program ended with {}, and had not come", said(status));
            return Err(Failure::new(expected, seen));
        }
        if Instant::now() > end {
            let seen = format!("nobody connected for {START:?}");
            return Err(Failure::timeout(expected, seen));
        }
        thread::sleep(Duration::from_millis(1)); // between two looks
    }
}

/// Expects exit code 1, and words on standard error.
pub fn fails(stage: &mut Stage, code: Option<i32>, ended: String) -> Result<(), Failure> {
    let program = stage.program()?;
    if code == Some(1) && !program.complaints().is_empty() {
        return Ok(());
    }
    let seen = format!("{ended}, and {}", quoted(program.complaints().as_bytes()));
    let failure = Failure::new("an error message and exit code 1", seen);
    let failure = program.crash(failure);
    Err(failure.likely("who calls the program must learn that it has failed"))
}
