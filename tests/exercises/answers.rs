//! The checker's own answers to the exercises: stubs, solutions, other right ones, wrong ones.
//!
//! They are programs as a learner would write them. Nobody but this test compiles them: in
//! a workspace that is made in the target folder, all at once, with the dependencies that a
//! learner's file has.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use checker::Exercise;
use once_cell::sync::OnceCell;
use tests::root;

/// An answer of the checker's.
#[derive(Debug, Clone)]
pub struct Answer {
    /// `stub`, `solution`, `right` or `wrong`.
    pub kind: &'static str,
    /// The name of its file, without the end.
    pub name: String,
    /// Its file.
    pub file: PathBuf,
}

/// All answers to an exercise: the stub first, then the solution, then the others by name.
pub fn of(exercise: &Exercise) -> Vec<Answer> {
    let room = root().join(exercise.folder());
    let alone = |kind, file: &str| Answer {
        kind,
        name: exercise.name.to_string(),
        file: room.join(file),
    };
    let mut answers = vec![alone("stub", "start.rs"), alone("solution", "solution.rs")];
    for kind in ["right", "wrong"] {
        let mut files: Vec<_> = fs::read_dir(room.join(kind))
            .into_iter()
            .flatten()
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| {
                path.extension()
                    .is_some_and(|end| end == "rs" || end == "py")
            })
            .collect();
        files.sort();
        answers.extend(files.into_iter().map(|file| {
            Answer {
                kind,
                name: file
                    .file_stem()
                    .expect("a name")
                    .to_string_lossy()
                    .into_owned(),
                file,
            }
        }));
    }
    answers
}

/// The command that runs the solution of this exercise.
#[cfg(target_os = "linux")]
pub fn solution(name: &str) -> String {
    let exercise = exercises::all().find(|exercise| exercise.name == name);
    let mut answers = of(exercise.expect("an exercise"));
    answers.remove(1).command(name)
}

impl Answer {
    /// Its file's name.
    pub fn file_name(&self) -> String {
        let name = self.file.file_name().expect("a name");
        name.to_string_lossy().into_owned()
    }

    /// The command that runs it: its program, or the interpreter with its file.
    pub fn command(&self, exercise: &str) -> String {
        let programs = built();
        if self.file.extension().is_some_and(|end| end == "py") {
            // A copy: in its sandbox a program does not see the checker's room.
            let copy = programs.join(format!("{}.py", self.program(exercise)));
            fs::copy(&self.file, &copy).expect("copied");
            return format!("python3 '{}'", copy.display());
        }
        let program = programs.join(self.program(exercise));
        format!("'{}'", program.display())
    }

    fn program(&self, exercise: &str) -> String {
        match self.kind {
            "stub" | "solution" => format!("{exercise}--{}", self.kind),
            kind => format!("{exercise}--{kind}--{}", self.name),
        }
    }
}

/// A program that means harm.
#[cfg(target_os = "linux")]
pub fn hostile(name: &str) -> PathBuf {
    built().join(format!("hostile--{name}"))
}

/// The folder of the programs, which are all built, once in this process.
fn built() -> &'static Path {
    static BUILT: OnceCell<PathBuf> = OnceCell::new();
    BUILT.get_or_init(|| {
        let test = std::env::current_exe().expect("the path of this test");
        let target = test.ancestors().nth(3).expect("target/PROFILE/deps/TEST");
        let folder = target.join("answers");
        fs::create_dir_all(&folder).expect("a folder");
        write_if_new(&folder.join("Cargo.toml"), &manifest());
        let lock = fs::read_to_string(root().join("Cargo.lock")).expect("Cargo.lock");
        if !folder.join("Cargo.lock").exists() {
            fs::write(folder.join("Cargo.lock"), lock).expect("written");
        }
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["build", "--quiet", "--bins", "--target-dir", "target"])
            .current_dir(&folder)
            .env("HOSTILE_ROOT", root())
            .output()
            .expect("cargo runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "an answer does not compile:\n{said}"
        );
        folder.join("target/debug")
    })
}

/// A manifest with a program for each answer in Rust.
fn manifest() -> String {
    let mut text = String::from(
        "[workspace]\n[package]\nname = \"answers\"\nedition = \"2024\"\n\
         autobins = false\n[profile.dev]\ndebug = false\nincremental = false\n\
         [lints.rust]\ndead_code = \"allow\"\nunused = \"allow\"\n",
    );
    for (name, lines) in dependencies() {
        text.push_str(&format!("[dependencies.{name}]\n{lines}"));
    }
    let hostile = root().join("tests/exercises/hostile");
    let hostile = fs::read_dir(hostile).expect("a folder").flatten();
    let hostile = hostile.filter(|_| cfg!(target_os = "linux"));
    let mut programs: BTreeMap<String, PathBuf> = hostile
        .map(|entry| entry.path())
        .map(|path| {
            let name = path.file_stem().expect("a name").to_string_lossy();
            (format!("hostile--{name}"), path)
        })
        .collect();
    for exercise in exercises::all() {
        for answer in of(exercise) {
            if answer.file.extension().is_some_and(|end| end == "rs") {
                programs.insert(answer.program(exercise.name), answer.file);
            }
        }
    }
    for (name, path) in programs {
        let path = path.display();
        text.push_str(&format!("[[bin]]\nname = \"{name}\"\npath = \"{path}\"\n"));
    }
    text
}

/// The dependencies of a learner's file, as the workspace's manifest has them.
fn dependencies() -> BTreeMap<String, String> {
    let read = |file: &str| fs::read_to_string(root().join(file)).expect(file);
    let (manifest, mine) = (read("Cargo.toml"), read("exercises/mine/Cargo.toml"));
    let (_, mine) = mine.split_once("[dependencies]").expect("they are there");
    // A table of its own, after the list: what it adds to the workspace's features.
    let (mine, nix) = mine.split_once("[target.").expect("nix is there");
    let more = nix
        .lines()
        .find_map(|line| line.strip_prefix("features = ["));
    let more = more.expect("features").trim_end_matches(']');
    let names = mine
        .lines()
        .filter_map(|line| line.strip_suffix(".workspace = true"))
        .chain(["nix"]);
    let found = names.map(|name| {
        let of = |lines: String| (name.to_string(), lines);
        let table = format!("[workspace.dependencies.{name}]\n");
        if let Some((_, rest)) = manifest.split_once(&table) {
            let lines = rest.lines().take_while(|line| !line.trim().is_empty());
            let lines: String = lines.map(|line| format!("{line}\n")).collect();
            return of(match name {
                "nix" => lines.replace("features = [", &format!("features = [{more}, ")),
                _ => lines,
            });
        }
        let start = format!("{name} = ");
        let line = manifest.lines().find_map(|line| line.strip_prefix(&start));
        let line = line.unwrap_or_else(|| panic!("no dependency {name}"));
        let path = format!("path = \"{}\"", root().join("shared").display());
        let inside = line.trim_matches(['{', '}', ' ']);
        let inside = inside.replace("path = \"shared\"", &path);
        let lines = match inside.strip_prefix('"') {
            Some(_) => format!("version = {inside}\n"),
            // Inside braces a comma separates; a list of features has commas, too.
            None => inside.replace(", features", "\nfeatures") + "\n",
        };
        of(lines)
    });
    found.collect()
}

/// A file that did not change is not written: cargo looks at its date.
fn write_if_new(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return;
    }
    fs::write(path, text).expect("written");
}
