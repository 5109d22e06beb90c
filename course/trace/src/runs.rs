//! The runs of the book: who is started, what is typed and pressed, and what the picture of
//! it is about.

use crate::draw::Picture;

#[cfg(target_os = "linux")]
use crate::stage::Stage;
#[cfg(target_os = "linux")]
use shared::Result;

mod bind_listen_accept;
mod chat;
mod connect;
mod families;
mod forever_loop;
mod framing;
mod http;
mod mail;
mod options;
mod scale;
mod select;
mod send_recv;
mod server_framework;
mod threaded_server;
mod udp;

/// Where a picture begins and ends, if the stage does not say it: each before a program's
/// nth call of a name.
pub type Cut = [Option<(&'static str, &'static str, usize)>; 2];

/// A run of the book.
pub struct Run {
    /// `lessons/LESSON/runs/NAME.jsonl`; unique in the book.
    pub lesson: &'static str,
    pub name: &'static str,
    pub title: &'static str,
    /// What there is to see, for who hears the picture.
    pub desc: &'static str,
    /// The one point, below the picture.
    pub caption: &'static str,
    pub lifelines: &'static [&'static str],
    pub hides: &'static [(&'static str, &'static str)],
    pub acks: bool,
    pub cut: Cut,
    /// The lesson's programs that have to be built: package and program.
    pub programs: &'static [(&'static str, &'static str)],
    #[cfg(target_os = "linux")]
    pub script: fn(&mut Play<'_>) -> Result<()>,
}

/// The runs of each lesson, in the order of the book.
const LESSONS: &[&[Run]] = &[
    connect::RUNS,
    send_recv::RUNS,
    bind_listen_accept::RUNS,
    forever_loop::RUNS,
    threaded_server::RUNS,
    udp::RUNS,
    framing::RUNS,
    select::RUNS,
    chat::RUNS,
    options::RUNS,
    server_framework::RUNS,
    http::RUNS,
    mail::RUNS,
    families::RUNS,
    scale::RUNS,
];

/// All runs, in the order of the book.
pub fn all() -> impl Iterator<Item = &'static Run> {
    LESSONS.iter().copied().flatten()
}

/// A run by its name.
pub fn find(name: &str) -> Option<&'static Run> {
    all().find(|run| run.name == name)
}

impl Run {
    pub fn picture(&self) -> Picture {
        let words = |list: &[&str]| list.iter().map(|word| (*word).to_string()).collect();
        let pair = |(program, name): &(&str, &str)| {
            ((*program).to_string(), (*name).to_string())
        };
        Picture {
            name: format!("run-{}", self.name),
            title: self.title.to_string(),
            desc: self.desc.to_string(),
            caption: self.caption.to_string(),
            lifelines: words(self.lifelines),
            hides: self.hides.iter().map(pair).collect(),
            acks: self.acks,
        }
    }

    /// Where it is kept, from the root of the course: the data, and the figure.
    pub fn files(&self) -> [String; 2] {
        ["jsonl", "html"]
            .map(|kind| format!("lessons/{}/runs/{}.{kind}", self.lesson, self.name))
    }
}

/// A stage, and where the programs are.
#[cfg(target_os = "linux")]
pub struct Play<'a> {
    pub stage: &'a mut Stage,
    pub root: &'a std::path::Path,
    /// The lessons' programs, and their files.
    pub built: &'a std::collections::HashMap<String, String>,
}

#[cfg(target_os = "linux")]
impl Play<'_> {
    /// Starts a lesson's program, as `cargo run -p PACKAGE --bin PROGRAM` does.
    pub fn lesson(
        &mut self,
        name: &str,
        package: &str,
        program: &str,
        args: &[&str],
    ) -> Result<()> {
        let mut shown = format!("cargo run -p {package}");
        if program != package {
            shown += &format!(" --bin {program}");
        }
        if !args.is_empty() {
            shown += &format!(" -- {}", args.join(" "));
        }
        let file = self.built.get(program).cloned();
        let file = file.ok_or_else(|| {
            shared::Error::new(format!("the program {program} was not built"))
        })?;
        let args = args.iter().map(|arg| (*arg).to_string());
        let command: Vec<_> = std::iter::once(file).chain(args).collect();
        self.stage.start(name, &shown, &command)
    }

    /// Starts an outside program.
    pub fn outside(&mut self, name: &str, line: &str) -> Result<()> {
        let mut command: Vec<_> = line.split(' ').map(str::to_string).collect();
        // There are several programs called nc; the book's is OpenBSD's.
        if command[0] == "nc" && in_path("nc.openbsd") {
            command[0] += ".openbsd";
        }
        self.stage.start(name, line, &command)
    }

    /// Starts one of the lessons' clients in Python, with a number changed.
    pub fn peer(&mut self, name: &str, file: &str, change: (&str, &str)) -> Result<()> {
        use shared::Context;
        let program = std::fs::read_to_string(self.root.join(file));
        let program = program.context(format!("cannot read {file}"))?;
        let program = program.replace(change.0, change.1);
        let command = [&python()?, "-c", &program].map(str::to_string);
        self.stage.start(name, &format!("python3 {file}"), &command)
    }
}

/// Where Python itself is: what the path has may be a script that looks for it for long.
#[cfg(target_os = "linux")]
fn python() -> Result<String> {
    use shared::Context;
    let asks = ["-c", "import sys; print(sys.executable)"];
    let told = std::process::Command::new("python3").args(asks).output();
    let told = told.context("cannot start python3")?;
    Ok(String::from_utf8_lossy(&told.stdout).trim().to_string())
}

#[cfg(target_os = "linux")]
fn in_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
