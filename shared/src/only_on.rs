use std::process::ExitCode;

use crate::Error;

/// The `main` of a program that uses calls which some systems lack: where the system has
/// them (`unix`, `target_os = "linux"`), the `main` of this file, and elsewhere a program
/// that says why it is none. So the file itself stays as plain as if there were one system.
///
/// The path is relative to the file in which this stands.
#[macro_export]
macro_rules! only_on {
    ($systems:meta, $file:literal) => {
        #[cfg($systems)]
        #[path = $file]
        mod program;

        fn main() -> std::process::ExitCode {
            #[cfg($systems)]
            return std::process::Termination::report(program::main());
            #[cfg(not($systems))]
            return $crate::not_here(env!("CARGO_BIN_NAME"));
        }
    };
}

/// What [`only_on!`](crate::only_on) has a program say where it cannot be: two lines, and
/// the exit code 1.
#[doc(hidden)]
pub fn not_here(program: &str) -> ExitCode {
    let (system, hint) = if cfg!(windows) {
        (
            "Windows",
            "run it in WSL 2: `wsl --install` sets it up, then it is as on Linux",
        )
    } else {
        (
            "this system",
            "run it on Linux, in a virtual machine for example",
        )
    };
    let what = format!("{program} uses calls that {system} does not have");
    let error = Error::new(what).hint(hint);
    crate::eprintln!("{}", error.report());
    ExitCode::from(error.exit_code())
}
