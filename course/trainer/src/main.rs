//! The guide's commands around the exercises: `start`, `check`, `watch`, `hint`, `solution`,
//! `reset` and `list`. Who reads the map does not wait for the checks: the guide builds this
//! program when one of them is typed, and becomes it.
//!
//! - [`choice`] knows which exercise is meant; [`mine`] has the learner's file.
//! - [`check`] and [`watch`] have it [`build`], or take another [`command`], and have the
//!   checker judge it. [`keyboard`] is for `watch`, [`picture`] for `check --picture`.
//! - [`help`] and [`list`] show things.
//!
//! What is absent: a judgement of its own. That is the checker's.

mod build;
mod check;
mod choice;
mod command;
mod help;
mod keyboard;
mod list;
mod mine;
mod picture;
mod watch;

use std::process::ExitCode;

use course::commands::Task;
use course::{args, page, progress, workspace};
use shared::{Error, Result, eprintln};

fn main() -> ExitCode {
    // The checker starts this program again for each of its parts.
    if let Some(code) = checker::backstage(exercises::ALL) {
        return code;
    }
    match train() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{}", error.report());
            ExitCode::from(error.exit_code())
        }
    }
}

fn train() -> Result<ExitCode> {
    workspace::check_root()?;
    let lessons = workspace::lessons(&workspace::root())?;
    match args::parse(std::env::args_os().skip(1))? {
        Task::Start(name) => mine::start(&name)?,
        Task::Check(wanted) => return check::check(&lessons, &wanted),
        Task::Watch(word) => watch::watch(&lessons, word.as_deref())?,
        Task::Hint(name) => help::hint(&name)?,
        Task::Solution { name, peek } => help::solution(&name, peek)?,
        Task::Reset(name) => mine::reset(&name)?,
        Task::List => page::show(&list::list(&progress::read())),
        _ => {
            let error = Error::usage("this program is a part of the guide");
            return Err(error.hint("`cargo run -- --help` shows all commands"));
        }
    }
    Ok(ExitCode::SUCCESS)
}
