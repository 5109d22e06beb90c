//! A root of the sandbox's own: nothing is in it but the places that are named.
//!
//! A list of what is hidden forgets something: a key in an unusual place, another copy of the
//! course. So a program of a stranger gets an empty file system in memory as its root, with
//! the places that it needs bound into it (mount(2), MS_BIND); the old root is taken away
//! (pivot_root(2)), and with it the way to all the rest.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Component, Path, PathBuf};

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::unistd::{chdir, pivot_root};

/// Makes `new`, a folder, the root, with `visible` in it, and an empty folder that has the
/// old name of `new`.
pub fn change(new: &Path, visible: &[PathBuf]) -> io::Result<()> {
    let options = Some("size=1m,mode=755");
    mount(Some("none"), new, Some("tmpfs"), MsFlags::empty(), options)?;
    let mut root = Root {
        new,
        shown: Vec::new(),
    };
    for place in visible {
        root.show(place)?;
    }
    fs::create_dir_all(root.inside(new))?;
    chdir(new)?;
    // The old root lies over the new one, until it is taken away (pivot_root(2), NOTES).
    pivot_root(".", ".")?;
    umount2(".", MntFlags::MNT_DETACH)?;
    Ok(chdir("/")?)
}

struct Root<'a> {
    new: &'a Path,
    /// Places that are shown, with all that is in them.
    shown: Vec<PathBuf>,
}

impl Root<'_> {
    /// Shows a place, if it is there, under the same name: links on the way stay links.
    fn show(&mut self, place: &Path) -> io::Result<()> {
        let Ok(real) = fs::canonicalize(place) else {
            return Ok(()); // not on this system
        };
        let mut way = PathBuf::from("/");
        let mut parts = place.components().filter_map(name);
        while let Some(part) = parts.next() {
            way.push(part);
            if self.shown.iter().any(|shown| way.starts_with(shown)) {
                break; // a link in there may lead to another place
            }
            if let Ok(link) = fs::read_link(&way) {
                let to = joined(way.parent().unwrap_or(&way), &link);
                self.link(&way, &link)?;
                return self.show(&parts.fold(to, |to, part| to.join(part)));
            }
        }
        match self.shown.iter().any(|shown| real.starts_with(shown)) {
            true => Ok(()),
            false => self.bind(real),
        }
    }

    fn link(&self, place: &Path, to: &Path) -> io::Result<()> {
        let inside = self.inside(place);
        fs::create_dir_all(inside.parent().unwrap_or(self.new))?;
        match std::os::unix::fs::symlink(to, inside) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    }

    /// A place without links on its way.
    fn bind(&mut self, place: PathBuf) -> io::Result<()> {
        let inside = self.inside(&place);
        fs::create_dir_all(inside.parent().unwrap_or(self.new))?;
        match place.is_dir() {
            true => fs::create_dir_all(&inside)?,
            false => drop(File::create(&inside)?),
        }
        let (flags, none) = (MsFlags::MS_BIND | MsFlags::MS_REC, None::<&str>);
        mount(Some(&place), &inside, none, flags, none)?;
        self.shown.push(place);
        Ok(())
    }

    fn inside(&self, place: &Path) -> PathBuf {
        self.new.join(place.strip_prefix("/").unwrap_or(place))
    }
}

fn name(part: Component<'_>) -> Option<&OsStr> {
    match part {
        Component::Normal(name) => Some(name),
        _ => None,
    }
}

/// Where a link leads that lies in a folder without links on its way.
fn joined(folder: &Path, link: &Path) -> PathBuf {
    let mut to = folder.to_path_buf();
    for part in link.components() {
        match part {
            Component::ParentDir => drop(to.pop()),
            Component::CurDir => {}
            part => to.push(part),
        }
    }
    to
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_from_its_own_folder() {
        for (link, to) in [
            ("usr/bin", "/a/b/usr/bin"),
            ("../c", "/a/c"),
            ("/d/./e", "/d/e"),
        ] {
            assert_eq!(joined(Path::new("/a/b"), Path::new(link)), Path::new(to));
        }
    }
}
