//! The guide: the map of the course, and the way to a lesson, the book and the doctor.
//!
//!     cargo run
//!     cargo run -- run 03
//!     cargo run -- book
//!
//! - [`workspace`] reads which lessons there are; [`progress`] keeps what was done.
//! - [`map`], [`run`], [`book`] and [`doctor`] are the subcommands; [`steps`] has the
//!   ladder of programs that leads to a lesson's program.
//! - [`trainer`] has the commands around the exercises, with the checker.
//! - [`trace`] draws pictures of runs.
//! - [`grade`] and [`handout`] are the teacher's.
//! - [`commands`] is the table of all commands, [`args`] reads the command line by it, and
//!   [`page`] writes to the terminal.
//!
//! What is absent: a list of the lessons (a new folder under `lessons/` appears by
//! itself), and everything that takes long to compile: `cargo run` opens the course within
//! seconds, so mdBook is in a package of its own, which [`book`] asks cargo for, and so are
//! the checks, the pictures of runs and the teacher's formats.

mod book;
mod doctor;
mod grade;
mod handout;
mod map;
mod run;
mod steps;
mod trace;
mod trainer;

use std::process::ExitCode;

use course::commands::Task;
use course::{args, exercise, page, progress, workspace};
use shared::{Result, eprintln, print, println};

fn main() -> ExitCode {
    match guide() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{}", error.report());
            ExitCode::from(error.exit_code())
        }
    }
}

fn guide() -> Result<ExitCode> {
    let typed: Vec<_> = std::env::args_os().skip(1).collect();
    let task = args::parse(typed.clone())?;
    workspace::check_root()?;
    let root = workspace::root();
    let lessons = workspace::lessons(&root)?;
    match task {
        Task::Help(page) => print!("{page}"),
        Task::Map => {
            let exercises = exercise::all(&root);
            page::show(&map::map(&lessons, &exercises, &progress::read()));
        }
        Task::Run { word, args } => return run::run(&lessons, &word, args),
        Task::Book { args } => return book::book(args),
        Task::Start(_)
        | Task::Check(_)
        | Task::Watch(_)
        | Task::Hint(_)
        | Task::Solution { .. }
        | Task::Reset(_)
        | Task::List => return trainer::trainer(typed),
        Task::Trace { args } => return trace::trace(args),
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
            let was = progress::read().is_done(&lesson.folder);
            progress::add(lesson, progress::UNDONE)?;
            let is = if was {
                "is no longer done"
            } else {
                "was not done"
            };
            println!("{} {is}", lesson.folder);
        }
    }
    Ok(ExitCode::SUCCESS)
}
