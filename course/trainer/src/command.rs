//! `--command`: another program than the exercise's file.

use std::env;
use std::ffi::OsString;
use std::path::{self, Path};

use shared::{Error, Result};

/// A command line that the learner typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine {
    /// As it was typed.
    line: String,
    /// The program and its arguments.
    words: Vec<OsString>,
}

impl CommandLine {
    /// Splits a line as a shell would. A file that is named in it is found from any
    /// folder: the program runs in one of its own.
    ///
    /// # Errors
    /// Exit code 2, when it is no command line.
    pub fn read(line: &str) -> Result<Self> {
        let words = shlex::split(line).filter(|words| !words.is_empty());
        let words = words.ok_or_else(|| {
            Error::usage(format!("`{line}` is no command"))
                .hint("as in --command 'python3 mine.py'; quotes come in pairs")
        })?;
        let line = line.to_string();
        let words = with_python_of_this_system(words, is_in_path);
        let words = words.into_iter().enumerate().map(absolute).collect();
        Ok(Self { line, words })
    }

    /// The program and its arguments.
    pub fn words(&self) -> &[OsString] {
        &self.words
    }

    /// The option of `check` that names it, ready for a shell.
    pub fn option(&self) -> String {
        let quoted = shlex::try_quote(&self.line);
        let quoted = quoted.expect("an argument has no byte 0");
        format!("--command {quoted}")
    }
}

/// `python3` is what the book types. On Windows it is `python`, or the launcher `py`.
fn with_python_of_this_system(
    mut words: Vec<String>,
    is_there: impl Fn(&str) -> bool,
) -> Vec<String> {
    if cfg!(windows) && words[0] == "python3" && !is_there("python3") {
        let others = ["python", "py"];
        if let Some(other) = others.into_iter().find(|name| is_there(name)) {
            words[0] = other.to_string();
        }
    }
    words
}

fn is_in_path(name: &str) -> bool {
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(&file).is_file())
}

/// The whole path of a word that names a file. A symbolic link stays one: Python knows its
/// venv by the link that it was started through, busybox what to do by its name.
fn absolute((place, word): (usize, String)) -> OsString {
    // The first word without a slash is looked for in PATH.
    let in_path = place == 0 && !word.contains(path::is_separator);
    match path::absolute(&word) {
        Ok(path) if !in_path && Path::new(&word).exists() => path.into(),
        _ => word.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        CommandLine::read(line).expect(line).words
    }

    #[test]
    fn a_file_is_named_by_its_whole_path_and_other_words_stay() {
        // Tests run in their package's folder.
        let manifest = path::absolute("Cargo.toml").expect("a path");
        let wanted = ["Cargo.toml".as_ref(), manifest.as_os_str(), "-u".as_ref()];
        assert_eq!(words("Cargo.toml Cargo.toml -u"), wanted);
        assert_eq!(words("./Cargo.toml"), [manifest.as_os_str()]);
    }

    #[test]
    fn python3_has_another_name_on_windows_alone() {
        let words = |there: &'static [&str]| {
            let typed = ["python3", "mine.py"].map(String::from).to_vec();
            with_python_of_this_system(typed, |name| there.contains(&name)).remove(0)
        };
        assert_eq!(words(&["python3", "python"]), "python3");
        assert_eq!(words(&[]), "python3");
        let only_py = if cfg!(windows) { "py" } else { "python3" };
        assert_eq!(words(&["py"]), only_py);
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_is_not_resolved() {
        let folder = tempfile::tempdir().expect("a folder");
        let link = folder.path().join("python");
        std::os::unix::fs::symlink("/bin/sh", &link).expect("a link");
        let line = format!("{0} {0}", link.display());
        assert_eq!(words(&line), [link.clone(), link]);
    }

    #[test]
    fn the_option_is_as_a_shell_takes_it() {
        for (line, option) in [
            ("./mine", "--command ./mine"),
            ("python3 mine.py", "--command 'python3 mine.py'"),
            (
                "python3 'my answer.py'",
                "--command \"python3 'my answer.py'\"",
            ),
        ] {
            assert_eq!(CommandLine::read(line).expect(line).option(), option);
        }
    }

    #[test]
    fn nothing_and_a_lonely_quote_are_exit_code_2() {
        for line in ["", " ", "python3 'mine.py"] {
            assert_eq!(CommandLine::read(line).expect_err(line).exit_code(), 2);
        }
    }
}
