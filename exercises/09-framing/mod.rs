//! What the checks of lesson 09 share.

use std::time::Duration;

use checker::{Failure, Stage};

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

/// The likely cause when the second client finds nobody.
pub const NO_OTHER: &str =
    "one client was served, and then no other: accept belongs in a loop";
