//! The bench: a workspace of its own, with what every answer is compiled with.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::Path;

use super::cargo::{build_arguments, compiler};

/// Lays on the bench what every answer is compiled with. The number stands for all of it, and
/// for the compiler: with another one, the same answer may become another program.
pub fn furnish(root: &Path, folder: &Path) -> io::Result<u64> {
    let mut hasher = DefaultHasher::new();
    let bench = folder.join("bench");
    let manifest = fs::read_to_string(root.join("Cargo.toml"))?;
    let manifest = manifest_of_bench(&manifest, root);
    let lock = fs::read_to_string(root.join("Cargo.lock"))?;
    manifest.hash(&mut hasher);
    lock.hash(&mut hasher);
    build_arguments(folder).hash(&mut hasher);
    compiler().hash(&mut hasher);
    read_all(&root.join("shared"), &mut |_, bytes| {
        bytes.hash(&mut hasher);
        Ok(())
    })?;
    fs::create_dir_all(&bench)?;
    write_if_new(&bench.join("Cargo.toml"), manifest.as_bytes())?;
    // Cargo drops from its copy what nobody here needs.
    if fs::read_to_string(folder.join("Cargo.lock")).ok().as_ref() != Some(&lock) {
        fs::write(bench.join("Cargo.lock"), &lock)?;
        fs::write(folder.join("Cargo.lock"), &lock)?;
    }
    for file in ["exercises/mine/Cargo.toml", "exercises/mine/lib.rs"] {
        let bytes = fs::read(root.join(file))?;
        bytes.hash(&mut hasher);
        write_if_new(&bench.join(file), &bytes)?;
    }
    Ok(hasher.finish())
}

/// The manifest of the course with the learner's package alone. Its paths lead to the course.
fn manifest_of_bench(text: &str, root: &Path) -> String {
    let mut manifest =
        String::from("[workspace]\nresolver = \"3\"\nmembers = [\"exercises/mine\"]\n\n");
    let mut of_workspace = false;
    let root = root.display().to_string().replace('\\', "/");
    let root = root.replace('"', "\\\"");
    for line in text.lines() {
        if line.starts_with('[') {
            of_workspace = line.trim() == "[workspace]";
        }
        if !of_workspace {
            let line = line.replace("path = \"", &format!("path = \"{root}/"));
            manifest.push_str(&line);
            manifest.push('\n');
        }
    }
    manifest
}

/// Gives each file below a folder to `each`, in an order that stays. What editors and programs
/// leave there besides, links to nowhere, pipes and sockets, is no source: to open a pipe
/// would wait for its writer (fifo(7)).
fn read_all(
    folder: &Path,
    each: &mut dyn FnMut(&Path, &[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let entries: io::Result<Vec<_>> = fs::read_dir(folder)?.collect();
    let mut entries = entries?;
    entries.sort_by_key(fs::DirEntry::path);
    for entry in entries {
        let (path, kind) = (entry.path(), entry.file_type()?);
        if kind.is_dir() {
            read_all(&path, each)?;
        } else if path.is_file() {
            each(&path, &fs::read(&path)?)?;
        }
    }
    Ok(())
}

/// A file that did not change is not written: cargo looks at its date.
pub fn write_if_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(unix)]
    use crate::scratch::Scratch;

    #[test]
    fn the_manifest_has_other_members_and_paths_into_the_course() {
        let text = "[workspace]\nresolver = \"3\"\nmembers = [\n    \"course\",\n]\n\n\
                    [workspace.dependencies]\nshared = { path = \"shared\" }\nnix = \"1\"\n";
        let manifest = manifest_of_bench(text, Path::new("/course"));
        assert_eq!(
            manifest,
            "[workspace]\nresolver = \"3\"\nmembers = [\"exercises/mine\"]\n\n\
             [workspace.dependencies]\nshared = { path = \"/course/shared\" }\nnix = \"1\"\n"
        );
    }

    #[cfg(unix)]
    #[test]
    fn links_to_nowhere_and_pipes_are_no_sources() {
        let scratch = Scratch::new().expect("a folder");
        let folder = scratch.folder();
        fs::create_dir(folder.join("src")).expect("made");
        fs::write(folder.join("src/lib.rs"), "text").expect("written");
        let link = |to: &str, name| std::os::unix::fs::symlink(to, folder.join(name));
        link("me@there.1", ".#lib.rs").expect("a link");
        link("..", "up").expect("a link");
        link("src/lib.rs", "same.rs").expect("a link");
        let mode = nix::sys::stat::Mode::S_IRWXU;
        nix::unistd::mkfifo(&folder.join("pipe"), mode).expect("a pipe");
        let mut found = Vec::new();
        read_all(folder, &mut |path, bytes| {
            found.push((path.to_path_buf(), bytes.to_vec()));
            Ok(())
        })
        .expect("all is read");
        let text = b"text".to_vec();
        let files =
            ["same.rs", "src/lib.rs"].map(|name| (folder.join(name), text.clone()));
        assert_eq!(found, files);
    }
}
