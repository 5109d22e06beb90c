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
mod fd_setsize;
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
mod windows;

#[cfg(target_os = "linux")]
fn main() {
    let (filters, others) = several_filters(std::env::args());
    let mut arguments = libtest_mimic::Arguments::from_iter(others);
    // A trial mostly waits: for a program, a deadline or the kernel.
    let processors = std::thread::available_parallelism().map_or(2, usize::from);
    arguments.test_threads.get_or_insert(2 * processors);
    let mut trials = trials::all();
    let is_meant = |name: &str| {
        let mut filters = filters.iter();
        filters.any(|filter| match arguments.exact {
            true => name == filter,
            false => name.contains(filter.as_str()),
        })
    };
    if !filters.is_empty() {
        trials.retain(|trial| is_meant(trial.name()));
    }
    libtest_mimic::run(&arguments, trials).exit();
}

/// The parts of names that are asked for, and all other arguments: cargo gives every target
/// of a run the same ones, and libtest takes several filters where libtest-mimic takes one.
#[cfg(target_os = "linux")]
fn several_filters(
    arguments: impl Iterator<Item = String>,
) -> (Vec<String>, Vec<String>) {
    let takes_a_value = [
        "--test-threads",
        "--skip",
        "--color",
        "--format",
        "--logfile",
    ];
    let (mut filters, mut others) = (Vec::new(), Vec::new());
    let mut is_value = true; // the program's own name
    for argument in arguments {
        if is_value || argument.starts_with('-') {
            is_value = !is_value && takes_a_value.contains(&argument.as_str());
            others.push(argument);
        } else {
            filters.push(argument);
        }
    }
    (filters, others)
}

#[cfg(not(target_os = "linux"))]
fn main() {
    tests::skip("faults are provoked with the means of Linux");
}
