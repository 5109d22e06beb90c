//! The places that a stranger's program and its compiler need: nothing else is there for them.

use std::env;
use std::path::{Path, PathBuf};

/// Libraries, tools, and the files that the C library reads. Those that a system does not
/// have are no loss.
const SYSTEM: [&str; 26] = [
    "/bin",
    "/dev",
    "/etc/alternatives",
    "/etc/gai.conf",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/etc/protocols",
    "/etc/services",
    "/gnu/store",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/nix/store",
    "/proc",
    "/run/current-system",
    "/sbin",
    "/sys",
    "/usr",
    "/opt",
];

/// For a program: the system, its own folder, and this program, which becomes it.
pub fn of_program(program: &Path) -> Vec<PathBuf> {
    let mut places = of_all();
    places.extend(program.parent().map(Path::to_path_buf));
    places
}

/// For a compiler: the system, the tools that are named in the environment, and what it
/// compiles.
pub fn of_compiler(sources: &[PathBuf]) -> Vec<PathBuf> {
    let mut places = of_all();
    let home = env::home_dir().unwrap_or_default();
    for (name, usual) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
        places.push(env::var_os(name).map_or_else(|| home.join(usual), PathBuf::from));
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let named = ["CARGO", "RUSTC"].into_iter().filter_map(env::var_os);
    let named = named.filter_map(|tool| Some(Path::new(&tool).parent()?.to_path_buf()));
    for folder in env::split_paths(&path).chain(named) {
        // A compiler in /opt/x/bin has its libraries in /opt/x/lib.
        places.extend(folder.parent().map(|around| around.join("lib")));
        places.push(folder);
    }
    places.extend_from_slice(sources);
    places
}

fn of_all() -> Vec<PathBuf> {
    let mut places: Vec<_> = SYSTEM.iter().map(PathBuf::from).collect();
    places.extend(env::current_exe());
    let libraries = env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    places.extend(env::split_paths(&libraries));
    places.retain(|place| place.is_absolute());
    places
}
