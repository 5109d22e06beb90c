//! Help for lesson 15: a name, and a password that no message shows.

use std::fmt;
use std::fs::File;
use std::io::Read;

use shared::{Args, Context, Error};

/// Who logs in, and the password, which no message shows: its `Debug` is `****`.
#[derive(Clone)]
pub struct Login {
    /// The name, without control characters.
    pub user: String,
    password: String,
}

impl Login {
    /// The name that `--user` gives; none without `--user`. The password is the first
    /// line of the file that `--password-file` names, or else what the environment
    /// variable holds.
    ///
    /// Not the value of an option: every user of the machine sees the arguments of every
    /// program (`ps`, proc(5) on `/proc/PID/cmdline`). The environment is for the own
    /// user and root alone (`/proc/PID/environ`).
    ///
    /// # Errors
    /// Exit code 2, when there is no password, or a control character is in one of the
    /// two: a line end would end the command that carries it, and begin another one. Exit
    /// code 1, when the file cannot be read, or others can read it, too.
    pub fn of(args: &Args, variable: &str) -> Result<Option<Self>, Error> {
        let Some(user) = args.value::<String>("user")? else {
            return Ok(None);
        };
        if user.is_empty() || user.contains(char::is_control) {
            return Err(Error::usage(format!("{user:?} is not a user's name")));
        }
        let password = match args.value::<String>("password-file")? {
            Some(name) => Some(first_line(&name)?),
            None => std::env::var(variable).ok(),
        };
        let Some(password) = password.filter(|text| !text.is_empty()) else {
            let what = format!("there is no password in {variable}");
            return Err(Error::usage(what).hint(format!(
                "`read -rs {variable}; export {variable}` asks for it, and shows nothing; \
                 or give --password-file"
            )));
        };
        if password.contains(char::is_control) {
            let hint = "a control character may have come with it when it was copied";
            return Err(Error::usage("the password is not one line of text").hint(hint));
        }
        Ok(Some(Self { user, password }))
    }

    /// As [`of`](Self::of); for the practice server, which knows one user, no `--user` is
    /// needed.
    ///
    /// # Errors
    /// As [`of`](Self::of); exit code 2, when there is a server and no user.
    pub fn or_practice(
        args: &Args,
        variable: &str,
        (user, password): (&str, &str),
    ) -> Result<Self, Error> {
        match Self::of(args, variable)? {
            Some(login) => Ok(login),
            None if args.positional().is_none() => Ok(Self {
                user: user.to_string(),
                password: password.to_string(),
            }),
            None => Err(Error::usage("there is no --user")
                .hint("a mailbox has an owner: say who it is, with --user")),
        }
    }

    /// The password itself, for the one line that sends it.
    pub fn password(&self) -> &str {
        &self.password
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:****", self.user)
    }
}

fn first_line(name: &str) -> Result<String, Error> {
    let cannot = format!("cannot read {name}");
    let mut file = File::open(name).context(&cannot)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let there = file.metadata().context(&cannot)?;
        if there.is_file() && there.permissions().mode() & 0o077 != 0 {
            let what = format!("others can read {name}, too");
            return Err(
                Error::new(what).hint(format!("`chmod 600 {name}` keeps them out"))
            );
        }
    }
    let mut text = String::new();
    let read = file.by_ref().take(4096).read_to_string(&mut text);
    read.context(&cannot)?;
    Ok(text.lines().next().unwrap_or_default().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        let none = Args::default();
        let login = Login::or_practice(&none, "NOTHING", ("ada", "swordfish"));
        let login = login.expect("no server, so the practice user");
        assert_eq!(login.password(), "swordfish");
        assert_eq!(format!("{login:?}"), "ada:****");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_keeps_no_password() {
        use std::fs::{self, Permissions};
        use std::os::unix::fs::PermissionsExt;
        let name = std::env::temp_dir().join(format!("password-{}", std::process::id()));
        let text = name.display().to_string();
        fs::write(&name, "swordfish\nand more\n").expect("written");
        fs::set_permissions(&name, Permissions::from_mode(0o640)).expect("readable");
        let error = first_line(&text).expect_err("others can read it");
        assert!(error.report().contains("chmod 600"), "{}", error.report());
        fs::set_permissions(&name, Permissions::from_mode(0o600)).expect("private");
        assert_eq!(first_line(&text).expect("one line"), "swordfish");
        fs::remove_file(&name).expect("removed");
    }
}
