use std::env;
use std::path::PathBuf;

/// Finds an outside program on the PATH, or in the folders where systems put servers.
///
/// Without it: `None` and a [`crate::skip()`], so that the tests pass on a machine with only
/// Rust.
pub fn find_tool(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/sbin", "/usr/local/sbin"].map(PathBuf::from);
    let found = env::split_paths(&path)
        .chain(system)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file());
    if found.is_none() {
        crate::skip(format!("{name} is not installed"));
    }
    found
}

/// The path of an outside program; ends the test with a printed skip where it is missing.
///
/// ```no_run
/// # fn test() {
/// let telnet = tests::tool!("telnet");
/// # }
/// ```
#[macro_export]
macro_rules! tool {
    ($name:expr) => {
        match $crate::find_tool($name) {
            Some(path) => path,
            None => return,
        }
    };
}
