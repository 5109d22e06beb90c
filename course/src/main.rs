//! The guide: the map of the course, and the way to a lesson, the book and the doctor.
//!
//!     cargo run
//!     cargo run -- run 03
//!     cargo run -- book
//!
//! - [`workspace`] reads which lessons there are; [`progress`] keeps what was done.
//! - [`map`], [`run`], [`book`] and [`doctor`] are the subcommands; [`steps`] has the
//!   ladder of programs that leads to a lesson's program.
//! - [`exercise`] has the commands around the exercises; the checks are the judge's.
//! - [`grade`] and [`handout`] are the teacher's.
//! - [`commands`] is the table of all commands, [`args`] reads the command line by it, and
//!   [`page`] writes to the terminal.
//!
//! What is absent: a list of the lessons (a new folder under `lessons/` appears by
//! itself), and everything that takes long to compile: `cargo run` opens the course within
//! seconds, so mdBook is in a package of its own, which [`book`] asks cargo for, and so are
//! the teacher's formats.

mod args;
mod book;
mod commands;
mod doctor;
mod exercise;
mod grade;
mod handout;
mod map;
mod page;
mod progress;
mod run;
mod steps;
mod workspace;

use std::process::ExitCode;

use commands::Task;
use shared::{Result, eprintln, print, println};

fn main() -> ExitCode {
    // The checker starts this program again for each of its parts.
    if let Some(code) = checker::backstage(exercises::ALL) {
        return code;
    }
    match guide() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{}", error.report());
            ExitCode::from(error.exit_code())
        }
    }
}

fn guide() -> Result<ExitCode> {
    let task = args::parse(std::env::args_os().skip(1))?;
    workspace::check_root()?;
    let lessons = workspace::lessons(&workspace::root())?;
    match task {
        Task::Help(page) => print!("{page}"),
        Task::Map => page::show(&map::map(&lessons, &progress::read())),
        Task::Run { word, args } => return run::run(&lessons, &word, args),
        Task::Book { args } => return book::book(args),
        Task::Check(wanted) => return exercise::check::check(&lessons, &wanted),
        Task::Watch(word) => exercise::watch::watch(&lessons, word.as_deref())?,
        Task::Hint(name) => exercise::help::hint(&name)?,
        Task::Solution { name, peek } => exercise::help::solution(&name, peek)?,
        Task::Start(name) => exercise::mine::start(&name)?,
        Task::Reset(name) => exercise::mine::reset(&name)?,
        Task::List => page::show(&exercise::list::list(&progress::read())),
        Task::Grade { args } => return grade::grade(args),
        Task::Handout(folder) => handout::handout(&folder)?,
        Task::Doctor => return Ok(doctor::doctor(&lessons)),
        Task::Done(word) => {
            let lesson = workspace::find(&lessons, &word)?.0;
            progress::add(lesson, progress::DONE)?;
            println!("{} is done; `cargo run` shows what is next", lesson.folder);
        }
        Task::Undone(word) => {
            let lesson = workspace::find(&lessons, &word)?.0;
            progress::add(lesson, progress::UNDONE)?;
            println!("{} is no longer done", lesson.folder);
        }
    }
    Ok(ExitCode::SUCCESS)
}
