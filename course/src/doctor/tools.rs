//! The outside programs that the chapters talk with, and how to get them here.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::Finding;

/// A program, and the name of its package for each package manager that calls it
/// differently.
struct Tool {
    name: &'static str,
    lessons: &'static str,
    packages: &'static [(&'static str, &'static str)],
}

const TOOLS: [Tool; 8] = [
    Tool {
        name: "telnet",
        lessons: "lessons 05 to 07 type to their servers with it; nc does, too",
        packages: &[("pacman", "inetutils"), ("apk", "busybox-extras")],
    },
    Tool {
        name: "nc",
        lessons: "lessons 05 to 09 type to their servers with it; telnet does for TCP",
        packages: &[
            ("apt", "netcat-openbsd"),
            ("dnf", "nmap-ncat"),
            ("zypper", "netcat-openbsd"),
            ("pacman", "openbsd-netcat"),
            ("apk", "netcat-openbsd"),
            ("brew", "netcat"),
            ("winget", "Insecure.Nmap"), // it brings ncat
        ],
    },
    Tool {
        name: "python3",
        lessons: "lessons 03 to 08 start small servers and clients in Python",
        packages: &[
            ("pacman", "python"),
            ("brew", "python"),
            ("winget", "Python.Python.3.13"),
        ],
    },
    Tool {
        name: "curl",
        lessons: "lessons 04 and 14 can be compared with it",
        packages: &[("winget", "cURL.cURL")],
    },
    Tool {
        name: "ss",
        lessons: "lesson 05 looks with it who has a port",
        packages: &[
            ("apt", "iproute2"),
            ("dnf", "iproute"),
            ("brew", "iproute2mac"),
        ],
    },
    Tool {
        name: "strace",
        lessons: "lessons 07 and 10 look at system calls with it, and make one fail",
        packages: &[],
    },
    Tool {
        name: "prlimit",
        lessons: "lesson 07 takes a server's descriptors away with it (util-linux)",
        packages: &[
            ("apt", "util-linux"),
            ("dnf", "util-linux"),
            ("zypper", "util-linux"),
            ("pacman", "util-linux"),
            ("apk", "util-linux-misc"),
        ],
    },
    Tool {
        name: "openssl",
        lessons: "lesson 14 makes a certificate and a server with TLS with it",
        packages: &[("winget", "ShiningLight.OpenSSL.Light")],
    },
];

/// What looks into Linux's kernel.
const LINUX_ONLY: [&str; 3] = ["ss", "strace", "prlimit"];

/// The names that programs have on Windows: `py` starts Python, Nmap's nc is called ncat.
const ON_WINDOWS: [(&str, &[&str]); 2] =
    [("python3", &["python", "py"]), ("nc", &["ncat"])];

const MANAGERS: [(&str, &str); 7] = [
    ("apt", "sudo apt install"),
    ("dnf", "sudo dnf install"),
    ("zypper", "sudo zypper install"),
    ("pacman", "sudo pacman -S"),
    ("apk", "sudo apk add"),
    ("brew", "brew install"),
    ("winget", "winget install"),
];

pub fn findings() -> Vec<Finding> {
    let of_this_system =
        |tool: &&Tool| cfg!(target_os = "linux") || !LINUX_ONLY.contains(&tool.name);
    let mut findings: Vec<_> = TOOLS.iter().filter(of_this_system).map(finding).collect();
    let to_type_with = ["telnet", "nc", "ncat", "netcat", "socat", "python3"];
    if !to_type_with.iter().any(|name| found_here(name).is_some()) {
        findings.push(Finding::bad(
            "a client",
            "no program to type to a server with",
            "lesson 06 has no client of its own: install telnet or nc",
        ));
    }
    findings.extend(no_temporary_folder());
    findings
}

/// The checks keep a folder there for each program.
fn no_temporary_folder() -> Option<Finding> {
    let folder = env::temp_dir();
    let own = folder.join(format!("course-doctor-{}", std::process::id()));
    match fs::create_dir(&own).and_then(|()| fs::remove_dir(&own)) {
        Ok(()) => None,
        Err(error) => Some(Finding::bad(
            "temporary files",
            format!("none can be made in {}: {error}", folder.display()),
            "no exercise can be checked: make that folder, or have TMPDIR name another one",
        )),
    }
}

fn finding(tool: &Tool) -> Finding {
    match found_here(tool.name) {
        Some(path) if tool.name == "nc" => {
            Finding::good("nc", format!("{} ({})", path.display(), kind_of_nc(&path)))
        }
        Some(path) => Finding::good(tool.name, path.display().to_string()),
        None => {
            let hint = format!("{}. To have it: {}", tool.lessons, install(tool));
            Finding::note(tool.name, "missing", hint)
        }
    }
}

/// The program's file, by the name that it has on this system.
fn found_here(name: &str) -> Option<PathBuf> {
    let others = ON_WINDOWS
        .iter()
        .filter(|(unix, _)| cfg!(windows) && *unix == name);
    let others = others.flat_map(|(_, others)| *others);
    found(name).or_else(|| others.copied().find_map(found))
}

/// The program's file on the PATH.
fn found(name: &str) -> Option<PathBuf> {
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join(&file))
        .find(|path| path.is_file())
}

fn install(tool: &Tool) -> String {
    if cfg!(windows) && tool.name == "telnet" {
        return "`dism /online /enable-feature /featurename:TelnetClient` as an administrator"
            .into();
    }
    // Windows 11 and nearly every Mac of a programmer have theirs.
    let usual = match env::consts::OS {
        "windows" => "winget",
        "macos" => "brew",
        _ => "",
    };
    let there = MANAGERS.iter().find(|(name, _)| found(name).is_some());
    let usual = || MANAGERS.iter().find(|(name, _)| *name == usual);
    let Some((manager, command)) = there.or_else(usual) else {
        return "install it with your system's package manager".into();
    };
    let other = tool.packages.iter().find(|(name, _)| name == manager);
    let package = other.map_or(tool.name, |(_, package)| package);
    format!("`{command} {package}`")
}

/// There are several programs of this name, and they differ in what the end of the
/// keyboard does: OpenBSD's closes its sending side only with `-N`, the traditional one
/// with `-q 1`.
fn kind_of_nc(path: &PathBuf) -> &'static str {
    let mut command = Command::new(path);
    // All of them print their usage for -h, and open no connection.
    let output = command.arg("-h").stdin(Stdio::null()).output();
    let said = output.map_or_else(
        |_| String::new(),
        |output| {
            String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
        },
    );
    match said {
        said if said.contains("OpenBSD") => "OpenBSD's: nc -N ends its sending at Ctrl+D",
        said if said.contains("Ncat") => "Ncat: it ends its sending at Ctrl+D",
        said if said.contains("BusyBox") => "BusyBox's",
        said if said.contains("[v1.") => {
            "the traditional one: nc -q 1 ends its sending at Ctrl+D"
        }
        said if said.contains("GNU netcat") => "GNU's",
        _ if cfg!(target_os = "macos") => "macOS's, like OpenBSD's",
        _ => "of a kind that the course does not know",
    }
}
