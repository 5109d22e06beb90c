//! The learner's own files, `exercises/mine/examples/NAME.rs`: each begins as a copy of the
//! exercise's `start.rs` when it is first asked for. Git ignores that folder, so no update of
//! the course touches it.

use std::fs;
use std::path::{Path, PathBuf};

use checker::{Exercise, is_untouched};
use shared::{Context, Error, Result, println};

use crate::choice::{named, own_file};
use course::page;
use course::workspace;

/// `start`: says where the learner's file is.
pub fn start(name: &str) -> Result<()> {
    let exercise = named(name)?;
    if !begun(exercise)? {
        println!("your file is {}", exercise.file());
    }
    println!("try: cargo run -- check {name}");
    Ok(())
}

/// Makes the learner's file if it is not there yet. Whether it did, and said so.
pub fn begun(exercise: &Exercise) -> Result<bool> {
    let taken_over = take_over(exercise)?;
    let file = file(exercise);
    if file.is_dir() {
        let what = format!("{} is a folder, and no file", exercise.file());
        let hint = "move it away: then `check` makes the file new";
        return Err(Error::new(what).hint(hint));
    }
    if taken_over || file.exists() {
        return Ok(taken_over);
    }
    write(&file, start_of(exercise)?.as_bytes())?;
    println!("your file is new: {}", exercise.file());
    Ok(true)
}

/// Puts `start.rs` back, and keeps the learner's file beside it.
pub fn reset(name: &str) -> Result<()> {
    let exercise = named(name)?;
    take_over(exercise)?;
    let file = file(exercise);
    let start = start_of(exercise)?;
    if file.is_dir() {
        let kept = keep(&file)?;
        println!(
            "a folder was there: it is kept as {}",
            page::relative(&kept)
        );
    }
    match fs::read(&file) {
        Ok(own) if own == start.as_bytes() => {}
        Ok(_) => {
            let kept = keep(&file)?;
            println!("your file is kept as {}", page::relative(&kept));
            write(&file, start.as_bytes())?;
        }
        Err(_) => write(&file, start.as_bytes())?,
    }
    let shown = page::relative(&file);
    println!("{shown} is as it was at the beginning");
    Ok(())
}

/// The learner's file.
pub fn file(exercise: &Exercise) -> PathBuf {
    workspace::root().join(exercise.file())
}

fn start_of(exercise: &Exercise) -> Result<String> {
    let start = own_file(exercise, "start.rs");
    fs::read_to_string(&start).context(format!("cannot read {}", start.display()))
}

fn write(file: &Path, text: &[u8]) -> Result<()> {
    let cannot = || format!("cannot write {}", file.display());
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).context(cannot())?;
    }
    fs::write(file, text).context(cannot())
}

/// Moves a file out of the way. Where it is now.
fn keep(file: &Path) -> Result<PathBuf> {
    let kept = free_name(file);
    fs::rename(file, &kept).context(format!("cannot keep {}", file.display()))?;
    Ok(kept)
}

/// `NAME.rs.bak`, `NAME.rs.bak2` …: the first that is not there.
fn free_name(file: &Path) -> PathBuf {
    let name = |count: usize| match count {
        1 => file.with_extension("rs.bak"),
        _ => file.with_extension(format!("rs.bak{count}")),
    };
    let mut names = (1..).map(name);
    names.find(|path| !path.exists()).unwrap_or_else(|| name(1))
}

/// Moves work from where older copies of the course had it, among the lessons. Whether
/// there was any, and it was said.
fn take_over(exercise: &Exercise) -> Result<bool> {
    let old = format!("lessons/{}/exercises/{}.rs", exercise.lesson, exercise.name);
    let from = workspace::root().join(&old);
    let Ok(work) = fs::read(&from) else {
        return Ok(false);
    };
    let start = start_of(exercise)?;
    let untouched = |file: &[u8]| is_untouched(&start, &String::from_utf8_lossy(file));
    if untouched(&work) {
        return Ok(false);
    }
    let to = file(exercise);
    if fs::read(&to).is_ok_and(|own| !untouched(&own)) {
        let kept = keep(&to)?;
        println!("your file is kept as {}", page::relative(&kept));
    }
    write(&to, &work)?; // first, so that it is never nowhere
    fs::remove_file(&from).context(format!("cannot remove {}", from.display()))?;
    println!("your file has moved: {old} is now {}", exercise.file());
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_file_replaces_no_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("echo.rs");
        for (text, name) in [("1", "echo.rs.bak"), ("2", "echo.rs.bak2")] {
            fs::write(&file, text).expect("written");
            let kept = keep(&file).expect("kept");
            assert_eq!(kept, folder.path().join(name));
            assert_eq!(fs::read_to_string(kept).expect("it"), text);
        }
    }
}
