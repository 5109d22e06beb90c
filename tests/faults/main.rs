//! Every program of the course, tried for every fault: `FAULT::PROGRAM` is a trial.
//!
//! ```text
//! cargo test -p tests --test faults                  all of them
//! cargo test -p tests a_closed_output                one fault, all programs
//! cargo test -p tests forever-loop                   one program, all faults
//! FAULTS=write cargo test -p tests --test faults     and write tests/faults.md anew
//! ```
//!
//! `lessons/` holds a row for each program, `list.rs` the faults, the other files the
//! functions that provoke them. Where a row says that a step or a control has the fault,
//! the trial `FAULT::shown-by-STEP` runs the same function and passes only if it fails, and
//! with the words that name the fault.
//!
//! What is absent: faults of one lesson's own, in `lessons/`; and other systems than Linux,
//! whose own means (namespaces, strace, /proc) provoke the faults.

#[cfg(target_os = "linux")]
mod clients;
#[cfg(target_os = "linux")]
mod datagrams;
#[cfg(target_os = "linux")]
mod every_program;
#[cfg(target_os = "linux")]
mod lessons;
#[cfg(target_os = "linux")]
mod list;
#[cfg(target_os = "linux")]
mod markdown;
#[cfg(target_os = "linux")]
mod means;
#[cfg(target_os = "linux")]
mod own_files;
#[cfg(target_os = "linux")]
mod row;
#[cfg(target_os = "linux")]
mod servers;
#[cfg(target_os = "linux")]
mod trials;

#[cfg(target_os = "linux")]
fn main() {
    let arguments = libtest_mimic::Arguments::from_args();
    libtest_mimic::run(&arguments, trials::all()).exit();
}

#[cfg(not(target_os = "linux"))]
fn main() {
    tests::skip("faults are provoked with the means of Linux");
}
