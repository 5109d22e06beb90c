//! What the checks of lesson 04 share.

use std::time::Duration;

use checker::{Failure, Stage, quoted};

/// Three lines of text, so that no page looks like another.
pub fn page(stage: &mut Stage) -> Vec<u8> {
    let lines = [(); 3].map(|()| format!("{} {}\n", stage.word(), stage.word()));
    lines.concat().into_bytes()
}

/// A program that takes HOST for an address only.
pub const NAMES: &str = "HOST may be a name, too, such as localhost: TcpStream::connect asks \
                         the resolver for its addresses";

/// How long a program may take for a page of a megabyte: it may receive byte by byte, and on
/// a busy machine a million calls take more than a moment.
pub const LARGE_PAGE: Duration = Duration::from_secs(15);

/// Expects exit code 1, and words on standard error.
pub fn fails(stage: &mut Stage, code: Option<i32>, ended: String) -> Result<(), Failure> {
    let program = stage.program()?;
    if code == Some(1) && !program.complaints().is_empty() {
        return Ok(());
    }
    let seen = format!("{ended}, and {}", quoted(program.complaints().as_bytes()));
    let failure = Failure::new("an error message and exit code 1", seen);
    let failure = program.crash(failure);
    Err(failure.likely(match code {
        Some(0) => "who calls the program must learn that it has failed",
        Some(1) => "it fails without a word: standard error is for what was wrong",
        _ => "it fails in another way than it is to: with exit code 1, and no panic",
    }))
}
