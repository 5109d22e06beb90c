//! What a student's program and its compiler do not see.

use std::fs;
use std::path::{Path, PathBuf};

use crate::args::Options;
use crate::submission::Submission;

/// Where a teacher's keys and passwords mostly are, in the home folder.
const SECRETS: [&str; 12] = [
    ".aws",
    ".azure",
    ".config",
    ".docker",
    ".git-credentials",
    ".gnupg",
    ".kube",
    ".netrc",
    ".npmrc",
    ".pgpass",
    ".pypirc",
    ".ssh",
];

/// Where cargo keeps the tokens for its registries (its own name, and an older one).
const TOKENS: [&str; 2] = ["credentials.toml", "credentials"];

/// What neither a compiler nor a program of a student is to see: the checker's answers,
/// here and in what was built for tests, and what other students have handed in.
pub fn hidden(
    options: &Options,
    submissions: &[Submission],
    root: &Path,
    profile: &Path,
    workshop: &Path,
) -> Vec<PathBuf> {
    let home = std::env::home_dir().unwrap_or_default();
    let place = |name, place| {
        std::env::var_os(name).map_or_else(|| home.join(place), PathBuf::from)
    };
    let cargo = place("CARGO_HOME", ".cargo");
    // The tools themselves stay, wherever they are.
    let mut needed = vec![root.join("shared"), workshop.into(), profile.into()];
    needed.push(std::env::temp_dir());
    needed.extend([cargo.clone(), place("RUSTUP_HOME", ".rustup")]);
    let mut hidden = answers(root, profile, workshop);
    for folder in &options.each {
        hidden.extend(fs::canonicalize(folder));
    }
    hidden.extend(submissions.iter().map(|one| one.folder.clone()));
    hidden.retain(|folder| {
        folder.is_dir() && !needed.iter().any(|place| place.starts_with(folder))
    });
    let path = std::env::var_os("PATH").unwrap_or_default();
    needed.extend(std::env::split_paths(&path));
    for secret in secrets(&home, &cargo) {
        hide(secret, &needed, &mut hidden);
    }
    outermost(hidden)
}

/// Where the checker's answers are: in the course, and in what was built from it.
fn answers(root: &Path, profile: &Path, workshop: &Path) -> Vec<PathBuf> {
    let rooms = ["exercises", "tests", ".git"].map(|room| root.join(room));
    let mut built = folders(profile.parent().unwrap_or(profile));
    built.retain(|folder| folder != profile && folder != workshop);
    [rooms.to_vec(), folders(profile), built].concat()
}

/// Without those in others of them: a folder in a folder that is hidden is not there any more.
fn outermost(places: Vec<PathBuf>) -> Vec<PathBuf> {
    let inside = |place: &PathBuf| {
        let around = |other: &PathBuf| other != place && place.starts_with(other);
        places.iter().any(around)
    };
    let mut outer = places.clone();
    outer.retain(|place| !inside(place));
    outer.sort();
    outer.dedup();
    outer
}

/// What a program could print when it reads there, or give orders to.
fn secrets(home: &Path, cargo: &Path) -> Vec<PathBuf> {
    let mut secrets = vec![PathBuf::from("/run")];
    secrets.extend(SECRETS.map(|name| home.join(name)));
    secrets.extend(TOKENS.map(|name| cargo.join(name)));
    secrets
}

/// Hides a folder or a file. Where a tool lies in the folder, as in NixOS's `/run`, all
/// else in it is hidden; what a link there leads to can be the tool.
fn hide(place: PathBuf, needed: &[PathBuf], hidden: &mut Vec<PathBuf>) {
    if !needed.iter().any(|tool| tool.starts_with(&place)) {
        hidden.extend(place.exists().then_some(place));
    } else if !needed.contains(&place) {
        for entry in fs::read_dir(place).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| !kind.is_symlink()) {
                hide(entry.path(), needed, hidden);
            }
        }
    }
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let folders = entries.map(|entry| entry.path());
    folders.filter(|path| path.is_dir()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_with_passwords_are_hidden_too() {
        let home = tempfile::tempdir().expect("a folder");
        let cargo = home.path().join(".cargo");
        fs::create_dir_all(home.path().join(".ssh")).expect("made");
        fs::create_dir(&cargo).expect("made");
        let files = [home.path().join(".netrc"), cargo.join("credentials.toml")];
        for file in &files {
            fs::write(file, "").expect("written");
        }
        let mut hidden = Vec::new();
        for secret in secrets(home.path(), &cargo) {
            hide(secret, std::slice::from_ref(&cargo), &mut hidden);
        }
        let [one, two] = files;
        hidden.retain(|place| place.starts_with(home.path()));
        assert_eq!(hidden, [one, home.path().join(".ssh"), two]);
    }

    #[test]
    fn around_a_tool_all_else_is_hidden() {
        let folder = tempfile::tempdir().expect("a folder");
        let run = folder.path().join("run");
        for name in ["bin", "user/1000", "user/tool/bin"] {
            fs::create_dir_all(run.join(name)).expect("made");
        }
        fs::write(run.join("docker.sock"), "").expect("written");
        let needed = [run.join("bin"), run.join("user/tool")];
        let mut hidden = Vec::new();
        hide(run.clone(), &needed, &mut hidden);
        hidden.sort();
        assert_eq!(hidden, [run.join("docker.sock"), run.join("user/1000")]);
    }
}
