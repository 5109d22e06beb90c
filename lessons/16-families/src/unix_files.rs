//! Help for lesson 16: the files of Unix-domain sockets: what belongs to them besides
//! `bind` and `connect`, for lesson 16. Off Unix every function says `Unsupported`, so
//! that the lesson compiles.

use std::io;
use std::path::{Path, PathBuf};

use socket2::SockAddr;

use shared::{Context, Error};

/// A file that stays the same while it lives, however often it is renamed: its device and
/// its number there, st_dev and st_ino (inode(7)).
pub type FileId = (u64, u64);

/// A folder that only this user can enter (mode 0700): `rust-sockets-UID` under
/// `$XDG_RUNTIME_DIR`, or under the temporary folder. It is made where it is missing.
///
/// # Errors
/// When it cannot be made; or when what stands there is a link, is somebody else's, or
/// lets others in. In a folder like /tmp anybody may have put it there.
pub fn private_folder() -> io::Result<PathBuf> {
    system::private_folder()
}

/// The name of a socket in the [`private_folder`], for a server that was given none.
///
/// # Errors
/// As [`private_folder`], and when the name is not UTF-8.
pub fn private_name(name: &str) -> Result<String, Error> {
    let folder = private_folder().context("cannot make a private folder")?;
    let path = folder.join(name).into_os_string().into_string();
    path.map_err(|path| Error::new(format!("{} is not UTF-8", path.display())))
}

/// An address in the [`private_folder`], with this process's number in it, and with no
/// file there: one of ours that was left is removed. For programs with sockets of their
/// own.
///
/// # Errors
/// As [`private_folder`] and [`remove`].
pub fn fresh(who: &str) -> io::Result<SockAddr> {
    remove(who)?;
    SockAddr::unix(own_path(who)?)
}

/// Removes the file of [`fresh`]'s socket, where it is there: closing does not.
///
/// # Errors
/// Those of unlink(2), but for ENOENT.
pub fn remove(who: &str) -> io::Result<()> {
    match std::fs::remove_file(own_path(who)?) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn own_path(who: &str) -> io::Result<PathBuf> {
    Ok(private_folder()?.join(format!("{who}-{}", std::process::id())))
}

/// The number of this program's user: the effective one, geteuid(2).
pub fn own_user() -> u32 {
    system::own_user()
}

/// Calls `make` while the mode of every new file is cut down by `mask`, umask(2): a file
/// that `bind` makes has never had another mode, not even for a moment.
///
/// The mask belongs to the whole process, so no other thread should make files meanwhile.
pub fn with_umask<T>(mask: u16, make: impl FnOnce() -> T) -> T {
    system::with_umask(mask, make)
}

/// A name on the command line as an address: `@NAME` is an abstract name, which has a
/// zero byte in front and no file, and anything else is a path (unix(7)).
///
/// # Errors
/// Exit code 2, when it is empty, has a zero byte or more bytes than sun_path holds (107
/// on Linux, and 103 on macOS), or is abstract elsewhere than on Linux.
pub fn address(name: &str) -> Result<SockAddr, Error> {
    let wrong = |why: &str, hint: &str| {
        Err(Error::usage(format!("`{name}` is no name for a socket: {why}")).hint(hint))
    };
    let abstract_name = name.strip_prefix('@');
    if name.is_empty() || abstract_name == Some("") || name.contains('\0') {
        return wrong(
            "nothing is in it",
            "write a path, as in ./my.sock, or @my-name",
        );
    }
    if abstract_name.is_some() && !cfg!(target_os = "linux") {
        return wrong("abstract names are Linux only", "write a path: ./my.sock");
    }
    let address = match abstract_name {
        Some(rest) => SockAddr::unix(format!("\0{rest}")),
        None => SockAddr::unix(name),
    };
    address.or_else(|_| {
        let hint = "a path may have 107 bytes here (108 with its final zero, unix(7)); change into \
                    the folder, and write a short path: ./my.sock";
        wrong("it is too long", hint)
    })
}

/// Which file stands at this path now, and whether it is a socket. A link is not
/// followed. An abstract `@NAME` has no file; a file of that name is `./@NAME`.
///
/// # Errors
/// Those of lstat(2): there is none, or it may not be looked at.
pub fn look(name: &str) -> io::Result<(FileId, bool)> {
    if name.starts_with('@') {
        return Err(io::ErrorKind::NotFound.into());
    }
    system::look(Path::new(name))
}

/// The user at the other end of a Unix-domain stream, and its process where the system
/// knows it: what lesson 16 asks Linux itself, by getpeereid(3), for macOS and the BSDs.
///
/// # Errors
/// Those of getpeereid; and where there is no such call.
#[cfg(not(target_os = "linux"))]
pub fn peer(stream: &socket2::Socket) -> io::Result<(u32, String)> {
    system::peer(stream)
}

#[cfg(unix)]
mod system {
    use std::fs::{self, DirBuilder};
    use std::io::{self, ErrorKind};
    use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt};
    use std::path::{Path, PathBuf};

    use nix::sys::stat::{Mode, umask};

    use super::FileId;

    pub fn private_folder() -> io::Result<PathBuf> {
        let own = own_user();
        let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
        let above = runtime.filter(|folder| folder.is_absolute() && folder.is_dir());
        let above = above.unwrap_or_else(std::env::temp_dir);
        let folder = above.join(format!("rust-sockets-{own}"));
        match DirBuilder::new().mode(0o700).create(&folder) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let found = fs::symlink_metadata(&folder)?;
        if !found.is_dir() || found.uid() != own || found.mode() & 0o077 != 0 {
            let what = format!("{} is not this user's alone", folder.display());
            return Err(io::Error::other(what));
        }
        Ok(folder)
    }

    #[cfg(any(
        target_os = "dragonfly",
        target_os = "freebsd",
        target_os = "ios",
        target_os = "macos",
        target_os = "netbsd",
        target_os = "openbsd"
    ))]
    pub fn peer(stream: &socket2::Socket) -> io::Result<(u32, String)> {
        let (user, _group) = nix::unistd::getpeereid(stream)?;
        Ok((user.as_raw(), "unknown".to_string()))
    }

    pub fn own_user() -> u32 {
        nix::unistd::geteuid().as_raw()
    }

    pub fn with_umask<T>(mask: u16, make: impl FnOnce() -> T) -> T {
        let before = umask(Mode::from_bits_truncate(mask.into()));
        let made = make();
        umask(before);
        made
    }

    pub fn look(path: &Path) -> io::Result<(FileId, bool)> {
        let found = fs::symlink_metadata(path)?;
        let id = (found.dev(), found.ino());
        Ok((id, found.file_type().is_socket()))
    }
}

#[cfg(not(unix))]
mod system {
    use std::io::{self, ErrorKind};
    use std::path::{Path, PathBuf};

    use super::FileId;

    fn unix_only<T>() -> io::Result<T> {
        let what = "this lesson's files of sockets are Unix only";
        Err(io::Error::new(ErrorKind::Unsupported, what))
    }

    pub fn private_folder() -> io::Result<PathBuf> {
        unix_only()
    }

    pub fn peer(_stream: &socket2::Socket) -> io::Result<(u32, String)> {
        unix_only()
    }

    pub fn own_user() -> u32 {
        0
    }

    pub fn with_umask<T>(_mask: u16, make: impl FnOnce() -> T) -> T {
        make()
    }

    pub fn look(_path: &Path) -> io::Result<(FileId, bool)> {
        unix_only()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::UnixListener;

    #[test]
    fn the_private_folder_is_this_users_alone_and_the_same_every_time() {
        let folder = private_folder().expect("a folder");
        let mode = folder.metadata().expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        assert_eq!(private_folder().expect("again"), folder);
    }

    #[test]
    fn a_name_is_a_path_or_abstract_and_has_a_limit() {
        let path = address("./my.sock").expect("a path");
        assert_eq!(path.as_pathname(), Some(Path::new("./my.sock")));
        if cfg!(target_os = "linux") {
            let name = address("@my-name").expect("a name");
            assert_eq!(name.as_abstract_namespace(), Some(&b"my-name"[..]));
            address(&"x".repeat(107)).expect("it fits");
            address(&format!("@{}", "x".repeat(107))).expect("it fits");
        }
        let too_long = ["x".repeat(108), format!("@{}", "x".repeat(108))];
        for wrong in ["", "@", "a\0b"]
            .into_iter()
            .map(str::to_string)
            .chain(too_long)
        {
            let error = address(&wrong).expect_err(&wrong);
            assert_eq!(error.exit_code(), 2, "{error}");
        }
    }

    #[test]
    fn a_socket_is_told_from_a_file_and_has_its_mode_from_the_start() {
        let folder = private_folder().expect("a folder");
        let path = folder.join(format!("test-{}", std::process::id()));
        let listener = with_umask(0o177, || UnixListener::bind(&path)).expect("a name");
        let name = path.to_str().expect("UTF-8");
        let (id, is_socket) = look(name).expect("it is there");
        assert!(is_socket);
        let mode = path.metadata().expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        drop(listener);
        assert_eq!(look(name).expect("the file stays").0, id);
        std::fs::remove_file(&path).expect("it goes");
        assert!(look(name).is_err());
        assert!(!look("/").expect("a folder").1);
        assert!(look("@/").is_err());
    }
}
