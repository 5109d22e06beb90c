//! Which files are the course's: what git tracks, or all that nothing ignores.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use shared::{Context, Result};

/// The files that git tracks here; none without git, or where it does not know the course.
pub fn tracked(root: &Path) -> Vec<PathBuf> {
    let files = git_files(root, &["--cached"]);
    match files.iter().any(|file| file == Path::new("Cargo.toml")) {
        true => files,
        false => Vec::new(),
    }
}

/// None where there is no git.
pub fn git_files(root: &Path, which: &[&str]) -> Vec<PathBuf> {
    let mut git = Command::new("git");
    git.args(["ls-files", "-z"]).args(which).current_dir(root);
    let Ok(output) = git.output() else {
        return Vec::new();
    };
    if !output.status.success() {
        return Vec::new();
    }
    let names = String::from_utf8_lossy(&output.stdout);
    let names = names.split('\0').filter(|name| !name.is_empty());
    names.map(PathBuf::from).collect()
}

/// All files below `root` but what `.gitignore` names, what cargo has built, and copies
/// that were kept.
pub fn walked(root: &Path) -> Result<Vec<PathBuf>> {
    let ignored = fs::read_to_string(root.join(".gitignore")).unwrap_or_default();
    let ignored: Vec<_> = ignored
        .lines()
        .filter_map(|line| line.trim().strip_prefix('/'))
        .map(|line| root.join(line.trim_end_matches('/')))
        .collect();
    let kept = |path: &Path| {
        let name = path.file_name().unwrap_or_default();
        let end = path.extension().unwrap_or_default().to_string_lossy();
        let in_the_way = name == ".git" || name == "target" || end.starts_with("bak");
        !in_the_way && !ignored.iter().any(|other| other == path)
    };
    let (mut files, mut folders) = (Vec::new(), vec![root.to_path_buf()]);
    while let Some(folder) = folders.pop() {
        let cannot = format!("cannot read {}", folder.display());
        for entry in fs::read_dir(&folder).context(&cannot)? {
            let path = entry.context(&cannot)?.path();
            if !kept(&path) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path.strip_prefix(root).unwrap_or(&path).to_path_buf());
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_git_the_walk_leaves_out_what_is_ignored_or_built() {
        let root = tempfile::tempdir().expect("a folder");
        for file in [
            ".gitignore",
            ".progress",
            ".git/HEAD",
            "book/index.html",
            "target/x",
            "docs/book/a.md",
            "exercises/mine/examples/b.rs",
            "exercises/mine/lib.rs",
            "exercises/mine/lib.rs.bak2",
        ] {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(
                path,
                "/target/\n/book/\n/.progress\n/exercises/mine/examples/\n",
            )
            .expect("written");
        }
        let files = walked(root.path()).expect("it can be read");
        let names: Vec<_> = files.iter().map(|file| file.to_string_lossy()).collect();
        assert_eq!(
            names,
            [".gitignore", "docs/book/a.md", "exercises/mine/lib.rs"]
        );
    }
}
