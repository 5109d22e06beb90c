//! The folder of one run.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A folder for one run of a program, which nobody else can enter; removed with everything
/// in it.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes one. The temporary folder is everybody's: a name that is taken there, by
    /// whatever, is left alone.
    ///
    /// # Errors
    /// What the system says.
    pub fn new() -> io::Result<Self> {
        Self::in_folder(&std::env::temp_dir())
    }

    fn in_folder(everybodys: &Path) -> io::Result<Self> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        loop {
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let name = format!("course-check-{}-{count}", std::process::id());
            let folder = everybodys.join(name);
            #[cfg_attr(not(unix), allow(unused_mut))]
            let mut builder = std::fs::DirBuilder::new();
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            match builder.create(&folder) {
                Ok(()) => return Ok(Self(folder)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    let place = everybodys.display();
                    let what = format!(
                        "no folder can be made in {place}, which is TMPDIR's or the system's: \
                         {error}"
                    );
                    return Err(io::Error::new(error.kind(), what));
                }
            }
        }
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok(); // nothing depends on it
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_scratch_is_a_new_folder_for_nobody_else() {
        let everybodys = Scratch::new().expect("a folder");
        let first = Scratch::in_folder(everybodys.folder()).expect("a folder");
        let mode = first.folder().metadata().expect("it").permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        // The names are easily guessed: whoever takes the next ones gets nothing by it.
        let name = first
            .folder()
            .file_name()
            .expect("a name")
            .to_string_lossy();
        let (start, count) = name.rsplit_once('-').expect("a number");
        let count: usize = count.parse().expect("a number");
        for next in count + 1..count + 20 {
            let taken = everybodys.folder().join(format!("{start}-{next}"));
            std::os::unix::fs::symlink(everybodys.folder(), taken).expect("a link");
        }
        let second = Scratch::in_folder(everybodys.folder()).expect("a folder");
        assert!(second.folder().symlink_metadata().expect("it").is_dir());
    }
}
