//! `check --picture`: the talk between the checker and the learner's program, recorded from
//! that check and drawn by the package `trace`, which is built when it is first asked for.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use checker::{Exercise, Recorder};
use shared::{Context, Error, Result, eprintln};

use course::beside;

/// What a check is drawn by, and where its recording lies meanwhile.
pub struct Picture<'a> {
    trace: PathBuf,
    folder: PathBuf,
    save: Option<&'a Path>,
}

/// What this machine lacks for it; none: a check can be recorded here.
///
/// # Errors
/// When the system's sandboxes cannot be tried.
pub fn missing() -> Result<Option<&'static str>> {
    if !cfg!(target_os = "linux") {
        return Ok(Some("only Linux lets a program record a check"));
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    if !std::env::split_paths(&path).any(|folder| folder.join("strace").is_file()) {
        return Ok(Some(
            "there is no strace (`apt install strace` or the like)",
        ));
    }
    let sandbox = checker::sandbox_is_possible(false);
    Ok(match sandbox.context("cannot try a sandbox")? {
        true => None,
        false => Some("this system allows no network of one's own: user_namespaces(7)"),
    })
}

impl<'a> Picture<'a> {
    /// Has the package built, and a folder made; none where something is missing, and then
    /// it has said what.
    ///
    /// # Errors
    /// When cargo fails, or there is no place for the folder.
    pub fn of_a_check(save: Option<&'a Path>) -> Result<Option<Self>> {
        if let Some(missing) = missing()? {
            eprintln!("note: no picture: {missing}");
            return Ok(None);
        }
        let (mut build, programs) = beside::build("trace")?;
        let trace = programs.join("trace");
        if trace.exists() {
            build.arg("--quiet");
        } else {
            eprintln!("The first time, what draws the pictures is compiled.");
        }
        let status = build.status().context("cannot start cargo")?;
        if !status.success() {
            return Err(Error::new("the package `trace` could not be built"));
        }
        let folder =
            std::env::temp_dir().join(format!("check-picture-{}", std::process::id()));
        fs::create_dir(&folder).context("cannot make a folder for the recording")?;
        Ok(Some(Self {
            trace,
            folder,
            save,
        }))
    }

    /// Who is to record the check.
    pub fn recorder(&self) -> Recorder {
        Recorder {
            program: self.trace.clone(),
            folder: self.folder.clone(),
        }
    }

    /// Draws the check that was recorded, and opens it where nobody wants to save it.
    ///
    /// # Errors
    /// When what draws it cannot be started.
    pub fn draw(&self, exercise: &Exercise) -> Result<()> {
        let mut draw = Command::new(&self.trace);
        draw.arg("--draw-the-check").arg(&self.folder);
        draw.arg(exercise.name).args(self.save);
        // What it complains of stands on the screen; the verdict is what it was.
        draw.status().context("cannot start what draws")?;
        Ok(())
    }
}

impl Drop for Picture<'_> {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.folder).ok(); // the system clears what is left
    }
}
