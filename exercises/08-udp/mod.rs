//! What the checks of lesson 08 share.

use std::net::SocketAddr;
use std::time::Duration;

use checker::{ANSWER, Datagrams, Failure, Stage, said};

/// Between two looks whether the program still runs, while a datagram is waited for.
const LOOK: Duration = Duration::from_millis(20);

/// The next datagram, whatever it is, and from whom. Fails early when the program ends.
pub fn comes(
    stage: &mut Stage,
    socket: &Datagrams,
    want: &str,
) -> Result<(Vec<u8>, SocketAddr), Failure> {
    let mut wait = stage.waits(ANSWER);
    loop {
        let ended = stage.program()?.ended();
        if let Some(found) = socket.hears_any(LOOK) {
            return Ok(found);
        }
        if let Some(status) = ended {
            let seen = format!("the program ended with {}", said(status));
            return Err(Failure::new(want, seen));
        }
        if wait.is_over() {
            let seen = format!("no datagram for {ANSWER:?}");
            return Err(Failure::timeout(want, seen));
        }
    }
}
