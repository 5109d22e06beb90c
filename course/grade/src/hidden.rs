//! What a student's program and its compiler do not see.

use std::fs;
use std::path::{Path, PathBuf};

use crate::args::Options;
use crate::submission::Submission;

/// Where a teacher's keys mostly are.
const SECRETS: [&str; 7] = [
    ".aws", ".azure", ".config", ".docker", ".gnupg", ".kube", ".ssh",
];

/// What neither a compiler nor a program of a student is to see: the judge's answers,
/// here and in what was built for tests, and what other students have handed in.
pub fn hidden(
    options: &Options,
    submissions: &[Submission],
    root: &Path,
    profile: &Path,
    workshop: &Path,
) -> Vec<PathBuf> {
    let mut hidden = vec![root.join("tests"), root.join(".git")];
    hidden.extend(folders(profile));
    let target = profile.parent().unwrap_or(profile);
    hidden.extend(
        folders(target)
            .into_iter()
            .filter(|folder| folder != profile && folder != workshop),
    );
    for folder in &options.each {
        hidden.extend(fs::canonicalize(folder));
    }
    hidden.extend(submissions.iter().map(|one| one.folder.clone()));
    // A program could print what it reads there, or give orders to a service.
    let home = std::env::home_dir().unwrap_or_default();
    hidden.extend(SECRETS.map(|folder| home.join(folder)));
    hidden.push("/run".into());
    // The tools themselves stay, wherever they are.
    let mut needed = vec![root.join("shared"), workshop.into(), profile.into()];
    needed.push(std::env::temp_dir());
    for (name, place) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
        let home = std::env::home_dir().map(|home| home.join(place));
        needed.extend(std::env::var_os(name).map(PathBuf::from).or(home));
    }
    hidden.retain(|folder| {
        folder.is_dir() && !needed.iter().any(|place| place.starts_with(folder))
    });
    // A folder in a folder that is hidden is not there any more.
    let all = hidden.clone();
    let inside = |folder: &PathBuf| {
        let around = |other: &PathBuf| other != folder && folder.starts_with(other);
        all.iter().any(around)
    };
    hidden.retain(|folder| !inside(folder));
    hidden.sort();
    hidden.dedup();
    hidden
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let folders = entries.map(|entry| entry.path());
    folders.filter(|path| path.is_dir()).collect()
}
