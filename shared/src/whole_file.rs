use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;

use crate::{Context, Error, StopSignal, eprintln};

/// A file that gets its name when it is whole: nobody ever finds half of it there.
///
/// What is written goes to a file beside it, `NAME.PID.part`. [`finish`](Self::finish)
/// gives that file its name in one step (rename(2)), in place of an older file of that
/// name. Without `finish`, after an error or on Ctrl+C, the part is removed and the older
/// file is as it was; on Ctrl+C a line on standard error says so. (Killed
/// with SIGKILL, a program leaves the part behind.)
///
/// A name that stands for a device or a pipe (`/dev/null`) is written to directly.
#[derive(Debug)]
pub struct WholeFile {
    file: File,
    name: PathBuf,
    part: Option<PathBuf>,
}

impl WholeFile {
    /// Makes the file under its name for the time being.
    ///
    /// # Errors
    /// Those of open(2), with the file's name in front.
    pub fn create(name: impl AsRef<Path>) -> Result<Self, Error> {
        let name = name.as_ref().to_path_buf();
        // Asked for before: Ctrl+C may come as soon as the file is there.
        let stop = StopSignal::installed()?;
        let (file, part) = if name.metadata().is_ok_and(|there| !there.is_file()) {
            (OpenOptions::new().write(true).open(&name), None)
        } else {
            let mut part = name.clone().into_os_string();
            part.push(format!(".{}.part", process::id()));
            let part = PathBuf::from(part);
            let leftover = part.clone();
            let missed = name.display().to_string();
            stop.on_stop(move || {
                // Nothing is there to remove when the file is whole, or was never made.
                if fs::remove_file(leftover).is_ok() {
                    eprintln!("interrupted: nothing is saved as {missed}");
                }
            });
            (File::create(&part), Some(part))
        };
        let file = file.context(format!("cannot save {}", name.display()))?;
        Ok(Self { file, name, part })
    }

    /// The file is whole: gives it its name.
    ///
    /// # Errors
    /// Those of rename(2), with the file's name in front.
    pub fn finish(mut self) -> Result<(), Error> {
        if let Some(part) = &self.part {
            fs::rename(part, &self.name)
                .context(format!("cannot save {}", self.name.display()))?;
        }
        self.part = None;
        Ok(())
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        if let Some(part) = &self.part {
            // On the way out with another error: there is no better one to report.
            drop(fs::remove_file(part));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name in the system's temporary folder that no other test takes.
    fn name(of: &str) -> PathBuf {
        std::env::temp_dir().join(format!("whole-file-{of}-{}", process::id()))
    }

    fn part_of(name: &Path) -> PathBuf {
        PathBuf::from(format!("{}.{}.part", name.display(), process::id()))
    }

    #[test]
    fn a_file_has_its_name_when_it_is_finished_and_not_before() {
        let name = name("finished");
        let mut file = WholeFile::create(&name).expect("created");
        file.write_all(b"all of it").expect("written");
        assert!(!name.exists() && part_of(&name).exists());
        file.finish().expect("renamed");
        assert_eq!(fs::read(&name).expect("there"), b"all of it");
        assert!(!part_of(&name).exists());
        fs::remove_file(&name).expect("removed");
    }

    #[test]
    fn an_unfinished_file_leaves_the_older_one_as_it_was() {
        let name = name("unfinished");
        fs::write(&name, "old").expect("written");
        let mut file = WholeFile::create(&name).expect("created");
        file.write_all(b"ne").expect("written");
        drop(file);
        assert_eq!(fs::read(&name).expect("there"), b"old");
        assert!(!part_of(&name).exists());
        fs::remove_file(&name).expect("removed");
    }

    #[test]
    fn a_folder_that_does_not_exist_is_told_with_the_files_name() {
        let error = WholeFile::create("/nowhere/page.html").expect_err("no folder");
        let told = error.to_string();
        assert!(
            told.starts_with("cannot save /nowhere/page.html: "),
            "{told}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_device_stays_a_device() {
        use std::os::unix::fs::FileTypeExt;
        let mut file = WholeFile::create("/dev/null").expect("opened");
        file.write_all(b"gone").expect("written");
        file.finish().expect("nothing to rename");
        let there = fs::metadata("/dev/null").expect("there");
        assert!(there.file_type().is_char_device());
    }
}
