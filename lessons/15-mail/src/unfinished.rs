//! Help for lesson 15: a mail that is cut off by a signal.

use std::process;

use shared::{Error, StopSignal, eprintln};

/// Ends the program with exit code 1 on Ctrl+C or SIGTERM, while a mail is being sent: a
/// script would take exit code 0 for a mail that was sent.
///
/// # Errors
/// When the program has installed a handler of its own before.
pub fn fail_on_ctrl_c() -> Result<(), Error> {
    StopSignal::watch()?.on_stop(|| {
        let error = Error::new("cut off by a signal: the mail may be sent, or not").hint(
            "the server has it if it said 250 after the single dot; else send it again",
        );
        eprintln!("{}", error.report());
        process::exit(error.exit_code().into());
    });
    Ok(())
}
