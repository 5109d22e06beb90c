//! Why a program was not started, in words that help its author.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind};
use std::path::Path;

use super::Recipe;
use crate::failure::Failure;
use crate::spawn::NotStarted;

/// Why there is no program. Nothing can be said of one that has not run.
pub fn not_started(recipe: &Recipe, why: NotStarted) -> Failure {
    let name = recipe.command.first().cloned().unwrap_or_default();
    let (NotStarted::Command(error) | NotStarted::Launcher(error)) = &why;
    let failure = Failure::checker("the program to be started", error);
    let seen = format!("cannot start {}: {error}", name.display());
    let failure = Failure { seen, ..failure };
    match why {
        NotStarted::Command(error) => failure.likely(why_not_started(&name, &error)),
        NotStarted::Launcher(_) => failure,
    }
}

/// What execve(2) means by its error: it has one for a program that is not there, and for one
/// whose interpreter is not.
fn why_not_started(name: &OsStr, error: &io::Error) -> String {
    let path = Path::new(name);
    let shebang = || {
        let mut line = String::new();
        BufReader::new(File::open(path).ok()?)
            .read_line(&mut line)
            .ok()?;
        Some(line.strip_prefix("#!")?.trim_end_matches('\n').to_string())
    };
    let kind = error.kind();
    if path.is_dir() {
        return "this is a folder, and no program".into();
    }
    if kind == ErrorKind::PermissionDenied && path.is_file() {
        return "the file is not executable: `chmod +x`, or its interpreter in front, as in \
                `python3 mine.py`"
            .into();
    }
    if kind == ErrorKind::ExecutableFileBusy {
        return "another program has the file open for writing: is it still being built?"
            .into();
    }
    match shebang().filter(|_| path.is_file() && kind == ErrorKind::NotFound) {
        Some(line) if line.ends_with('\r') => {
            "its first line ends with a CR, which counts as a part of the interpreter's name: \
             save it with the line ends of Unix"
                .into()
        }
        Some(line) => format!("its first line names an interpreter that is not there: {line}"),
        None => "there is no such program; a name without a slash is looked for in PATH".into(),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn why_a_program_cannot_be_started_is_said_by_its_kind() {
        use std::os::unix::fs::PermissionsExt;
        let scratch = crate::scratch::Scratch::new().expect("a folder");
        let path = scratch.folder().join("mine.py");
        let likely = |text: &str, mode| {
            std::fs::write(&path, text).expect("written");
            let rights = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(&path, rights).expect("set");
            let error = Command::new(&path)
                .spawn()
                .expect_err("it cannot be started");
            why_not_started(path.as_os_str(), &error)
        };
        assert!(likely("print()\n", 0o644).contains("not executable"));
        assert!(likely("#!/usr/bin/pyhton3\n", 0o755).ends_with(": /usr/bin/pyhton3"));
        assert!(likely("#!/bin/sh\r\n", 0o755).contains("a CR"));
        let folder = scratch.folder();
        let error = Command::new(folder).spawn().expect_err("a folder");
        assert!(why_not_started(folder.as_os_str(), &error).contains("a folder"));
        let name = OsStr::new("no-such-program");
        let error = Command::new(name).spawn().expect_err("it is not there");
        assert!(why_not_started(name, &error).contains("no such program"));
    }
}
