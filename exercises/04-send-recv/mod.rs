//! What the checks of lesson 04 share.

use checker::{Stage, Trouble, quoted};

/// Three lines of text, so that no page looks like another.
pub fn page(stage: &mut Stage) -> Vec<u8> {
    let lines = [(); 3].map(|()| format!("{} {}\n", stage.word(), stage.word()));
    lines.concat().into_bytes()
}

/// Expects exit code 1, and words on standard error.
pub fn fails(stage: &mut Stage, code: Option<i32>, ended: String) -> Result<(), Trouble> {
    let program = stage.program()?;
    if code == Some(1) && !program.complaints().is_empty() {
        return Ok(());
    }
    let seen = format!("{ended}, and {}", quoted(program.complaints().as_bytes()));
    let trouble = Trouble::fail("an error message and exit code 1", seen);
    let trouble = program.crash(trouble);
    Err(trouble.because("who calls the program must learn that it has failed"))
}
