//! Which lessons there are, read from their folders each time.

use std::fs;
use std::path::{Path, PathBuf};

use shared::{Context, Error, Result};

/// A lesson, as its folder and its manifest describe it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lesson {
    /// `03-connect`, the name in every room.
    pub folder: String,
    /// `03`
    pub number: String,
    /// `connect`: its package, and its first program.
    pub name: String,
    /// What the reader will be able to do.
    pub description: String,
    /// The files of its chapters in docs/: its own first, and maybe a second one.
    pub chapters: Vec<String>,
    /// Its further programs.
    pub programs: Vec<String>,
    /// The steps that lead to one of its programs, each with that program: `talk-1`, `talk`.
    /// They are in the order of their numbers.
    pub steps: Vec<(String, String)>,
    /// The one of them that is a package of its own, so that nobody else waits for the
    /// library that it needs.
    pub with_library: Option<String>,
}

impl Lesson {
    /// The package that holds one of the lesson's programs.
    pub fn package<'a>(&'a self, program: &'a str) -> &'a str {
        match &self.with_library {
            Some(name) if name == program => name,
            _ => &self.name,
        }
    }

    /// The file with the `main` of one of the lesson's programs.
    pub fn file(&self, program: &str) -> PathBuf {
        let folder = root().join("lessons").join(&self.folder);
        match program {
            _ if program == self.name => folder.join("src/main.rs"),
            _ if Some(program) == self.with_library.as_deref() => {
                folder.join("with-library/src/main.rs")
            }
            _ => folder.join("src/bin").join(format!("{program}.rs")),
        }
    }
}

/// The root of the workspace: what COURSE_ROOT names, or the copy that one is in. It is not
/// compiled in: two copies of the course may share what is built, and one must never work on
/// the other's files. Empty where there is none; [`check_root`] has said so.
pub fn root() -> PathBuf {
    found_root().unwrap_or_default()
}

/// # Errors
/// Where there is no copy of the course.
pub fn check_root() -> Result<()> {
    found_root().map(drop).ok_or_else(|| {
        Error::new("this folder is in no copy of the course")
            .hint("go to the course's folder, or name it in COURSE_ROOT")
    })
}

fn found_root() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("COURSE_ROOT") {
        return Some(named.into());
    }
    // `cargo run` says which package it runs, wherever one is.
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let folder = std::env::current_dir().ok();
    let own = std::env::current_exe().ok(); // target/debug/course in the course
    let starts = [package, folder, own].into_iter().flatten();
    starts.filter_map(|start| copy_around(&start)).next()
}

/// The copy of the course that this folder is, or is in.
fn copy_around(folder: &Path) -> Option<PathBuf> {
    let is_copy = |folder: &&Path| {
        let manifest = fs::read_to_string(folder.join("course/Cargo.toml"));
        let name = package_value(&manifest.unwrap_or_default(), "name");
        name.as_deref() == Some("course") && folder.join("lessons").is_dir()
    };
    folder.ancestors().find(is_copy).map(Path::to_path_buf)
}

/// The lessons, in their order.
///
/// # Errors
/// When a folder or a manifest cannot be read.
pub fn lessons(root: &Path) -> Result<Vec<Lesson>> {
    let folder = root.join("lessons");
    let cannot = format!("cannot read {}", folder.display());
    let mut lessons = Vec::new();
    for entry in fs::read_dir(&folder).context(&cannot)? {
        let folder = entry.context(&cannot)?.path();
        if folder.join("Cargo.toml").is_file() {
            lessons.push(lesson(&folder)?);
        }
    }
    lessons.sort_by(|one, other| one.folder.cmp(&other.folder));
    Ok(lessons)
}

fn lesson(folder: &Path) -> Result<Lesson> {
    let file = folder.join("Cargo.toml");
    let manifest =
        fs::read_to_string(&file).context(format!("cannot read {}", file.display()))?;
    let value = |key| {
        package_value(&manifest, key).ok_or_else(|| {
            Error::new(format!("{} has no `{key} = \"…\"`", file.display()))
                .hint(format!("give its [package] a line with its {key}"))
        })
    };
    let name = value("name")?;
    let (steps, mut programs) = steps(&name, programs(&folder.join("src/bin")));
    let own = fs::read_to_string(folder.join("with-library/Cargo.toml"));
    let with_library = own.ok().and_then(|own| package_value(&own, "name"));
    programs.extend(with_library.clone());
    let folder_name = folder.file_name().unwrap_or_default().to_string_lossy();
    let number = folder_name.split('-').next().unwrap_or_default();
    let docs = folder.join("../../docs");
    Ok(Lesson {
        chapters: chapters(&docs, &folder_name, number),
        number: number.to_string(),
        name,
        description: value("description")?,
        programs,
        steps,
        with_library,
        folder: folder_name.into_owned(),
    })
}

/// `05-listen.md`, which has the lesson's name, and what else has its number: `05-talk.md`.
fn chapters(docs: &Path, lesson: &str, number: &str) -> Vec<String> {
    let own = format!("{lesson}.md");
    let entries = fs::read_dir(docs).into_iter().flatten().flatten();
    let mut others: Vec<_> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.starts_with(&format!("{number}-")) && name.ends_with(".md"))
        .filter(|name| *name != own)
        .collect();
    others.sort();
    others.insert(0, own);
    others
}

/// A string of a manifest's `[package]`. The manifests are ours, a line for each value;
/// a TOML library would be most of what `cargo run` compiles.
fn package_value(manifest: &str, key: &str) -> Option<String> {
    let lines = manifest.lines().map(str::trim);
    let package = lines
        .skip_while(|line| *line != "[package]")
        .skip(1)
        .take_while(|line| !line.starts_with('['));
    package
        .filter_map(|line| line.split_once('='))
        .find(|(found, _)| found.trim() == key)
        .and_then(|(_, value)| value.trim().strip_prefix('"')?.strip_suffix('"'))
        .map(str::to_string)
}

/// What cargo finds in `src/bin` by itself.
fn programs(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new(); // most lessons have one program
    };
    let mut programs: Vec<_> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension().is_some_and(|end| end == "rs")
                || path.join("main.rs").is_file()
        })
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_string()))
        .collect();
    programs.sort();
    programs
}

/// Which of the programs in `src/bin` are steps to another one: `talk-1` beside `talk`.
fn steps(name: &str, found: Vec<String>) -> (Vec<(String, String)>, Vec<String>) {
    let step = |program: &str| {
        let (of, number) = program.rsplit_once('-')?;
        let number: usize = number.parse().ok()?;
        let is_program = of == name || found.iter().any(|other| other == of);
        is_program.then(|| (of.to_string(), number, program.to_string()))
    };
    let mut steps: Vec<_> = found.iter().filter_map(|one| step(one)).collect();
    steps.sort();
    let steps: Vec<_> = steps.into_iter().map(|(of, _, step)| (step, of)).collect();
    let is_step = |program: &String| steps.iter().any(|(step, _)| step == program);
    let programs = found.iter().filter(|one| !is_step(one)).cloned().collect();
    (steps, programs)
}

/// The lesson that a word names, and which of its programs: `03`, `3`, `connect`,
/// `03-connect` or `talk-client`.
///
/// # Errors
/// Exit code 2, with the nearest name, when there is none.
pub fn find<'a>(lessons: &'a [Lesson], word: &str) -> Result<(&'a Lesson, String)> {
    for lesson in lessons {
        let number = word.parse::<u32>().ok();
        let numbered = number.is_some() && number == lesson.number.parse().ok();
        if numbered || word == lesson.name || word == lesson.folder {
            return Ok((lesson, lesson.name.clone()));
        }
        let steps = lesson.steps.iter().map(|(step, _)| step);
        if lesson
            .programs
            .iter()
            .chain(steps)
            .any(|program| program == word)
        {
            return Ok((lesson, word.to_string()));
        }
    }
    let error = Error::usage(format!("there is no lesson `{word}`"));
    let programs = lessons.iter().flat_map(|lesson| &lesson.programs);
    let names = lessons.iter().map(|lesson| &lesson.name).chain(programs);
    Err(match nearest(word, names.map(String::as_str)) {
        Some(near) => error.hint(format!("did you mean `{near}`? `cargo run` shows all")),
        None => error.hint("`cargo run` shows the lessons that there are"),
    })
}

/// The name that the reader may have meant.
pub fn nearest<'a>(
    word: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    // In so short a name as `run`, Jaro-Winkler sees no likeness when two letters have
    // changed places. That is one edit, and one edit is a slip of the finger.
    let likeness = |name| match strsim::osa_distance(word, name) {
        1 => 1.0,
        _ => strsim::jaro_winkler(word, name),
    };
    let best = names
        .into_iter()
        .max_by(|one, other| likeness(one).total_cmp(&likeness(other)))?;
    (likeness(best) > 0.8).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    #[test]
    fn a_short_name_is_found_though_two_letters_have_changed_places() {
        let names = ["run", "done", "undone", "hint"];
        assert_eq!(nearest("rnu", names), Some("run"));
        assert_eq!(nearest("udone", names), Some("undone"));
        assert_eq!(nearest("map", names), None);
    }

    fn two_lessons() -> Vec<Lesson> {
        let root = tempfile::tempdir().expect("a folder");
        let at = |path: &str| root.path().join("lessons").join(path);
        write(
            &at("02-talk/Cargo.toml"),
            "[package]\nname = \"talk\"\ndescription = \"talk to = somebody\"\n\
             [dependencies]\nname = \"no\"\n",
        );
        write(&at("02-talk/src/bin/talk-client.rs"), "");
        write(&at("02-talk/src/bin/poll/main.rs"), "");
        for step in ["talk-2", "talk-10", "talk-client-1", "talk-1", "port-80"] {
            write(&at(&format!("02-talk/src/bin/{step}.rs")), "");
        }
        write(
            &at("01-listen/Cargo.toml"),
            "[lints]\nworkspace = true\n[package]\nname=\"listen\"\ndescription=\"d\"\n",
        );
        write(
            &at("01-listen/with-library/Cargo.toml"),
            "[package]\nname = \"listen-with-library\"\n",
        );
        write(&at("notes.txt"), "");
        for chapter in ["01-listen.md", "02-again.md", "02-talk.md", "notes.md"] {
            write(&root.path().join("docs").join(chapter), "");
        }
        lessons(root.path()).expect("two lessons")
    }

    #[test]
    fn a_new_folder_is_a_new_lesson() {
        let lessons = two_lessons();
        assert_eq!(lessons.len(), 2);
        assert_eq!((&*lessons[0].number, &*lessons[0].name), ("01", "listen"));
        assert_eq!(lessons[1].folder, "02-talk");
        assert_eq!(lessons[1].description, "talk to = somebody");
        assert_eq!(lessons[1].programs, ["poll", "port-80", "talk-client"]);
    }

    #[test]
    fn a_lesson_may_have_a_second_chapter() {
        let lessons = two_lessons();
        assert_eq!(lessons[0].chapters, ["01-listen.md"]);
        assert_eq!(lessons[1].chapters, ["02-talk.md", "02-again.md"]);
    }

    #[test]
    fn a_lesson_is_found_by_number_name_folder_and_program() {
        let lessons = two_lessons();
        for (word, program) in [
            ("02", "talk"),
            ("2", "talk"),
            ("talk", "talk"),
            ("02-talk", "talk"),
            ("talk-client", "talk-client"),
        ] {
            let (lesson, found) = find(&lessons, word).expect(word);
            assert_eq!((&*lesson.name, &*found), ("talk", program), "{word}");
        }
    }

    #[test]
    fn the_steps_to_a_program_are_no_programs_of_their_own() {
        let lessons = two_lessons();
        let steps = lessons[1].steps.iter();
        let steps: Vec<_> = steps.map(|(step, of)| (&**step, &**of)).collect();
        let expected = [
            ("talk-1", "talk"),
            ("talk-2", "talk"),
            ("talk-10", "talk"),
            ("talk-client-1", "talk-client"),
        ];
        assert_eq!(steps, expected);
        let (lesson, program) = find(&lessons, "talk-2").expect("it is there");
        assert_eq!((&*lesson.name, &*program), ("talk", "talk-2"));
        assert!(lesson.file("talk-2").ends_with("02-talk/src/bin/talk-2.rs"));
    }

    #[test]
    fn a_program_with_a_library_of_its_own_is_in_a_package_of_its_own() {
        let lessons = two_lessons();
        let name = "listen-with-library";
        let (lesson, program) = find(&lessons, name).expect("it is there");
        assert_eq!((&*lesson.name, &*program), ("listen", name));
        assert_eq!(lesson.package(name), name);
        assert_eq!(lesson.package("listen"), "listen");
        assert_eq!(lessons[1].package("talk-client"), "talk");
    }

    #[test]
    fn a_copy_of_the_course_is_found_around_its_folders_only() {
        let root = tempfile::tempdir().expect("a folder");
        let copy = root.path().join("one");
        let name = "[package]\nname = \"course\"\n";
        write(&copy.join("course/Cargo.toml"), name);
        write(&copy.join("lessons/01-x/Cargo.toml"), "");
        write(&root.path().join("course/Cargo.toml"), name); // no lessons
        for folder in ["one", "one/course", "one/lessons/01-x/src"] {
            let found = copy_around(&root.path().join(folder));
            assert_eq!(found.as_ref(), Some(&copy), "{folder}");
        }
        for folder in ["", "two", "course"] {
            assert_eq!(copy_around(&root.path().join(folder)), None, "{folder}");
        }
    }

    #[test]
    fn an_unknown_lesson_is_exit_code_2_with_the_nearest_name() {
        let lessons = two_lessons();
        let error = find(&lessons, "tlak").expect_err("a slip");
        assert_eq!(error.exit_code(), 2);
        assert!(error.report().contains("did you mean `talk`?"));
        let report = find(&lessons, "99").expect_err("no such").report();
        assert!(!report.contains("did you mean"), "{report}");
    }

    #[test]
    fn a_manifest_without_a_description_says_so() {
        let root = tempfile::tempdir().expect("a folder");
        let file = root.path().join("lessons/01-x/Cargo.toml");
        write(&file, "[package]\nname = \"x\"\n");
        let error = lessons(root.path()).expect_err("no description");
        assert!(error.to_string().contains("description"), "{error}");
    }
}
