//! `cargo run -- doctor`: what the lessons need of this machine.

use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;

use tempfile::TempDir;
use tests::Program;

use super::{course, no_progress};

/// The doctor on a machine that has at least one program to type to a server with. (A
/// machine with only Rust has none, and that is what the doctor would say.)
fn doctor() -> (TempDir, Program) {
    let (folder, progress) = no_progress();
    fs::write(folder.path().join("socat"), "").expect("written");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut path: Vec<_> = std::env::split_paths(&path).collect();
    path.push(folder.path().to_path_buf());
    let path = std::env::join_paths(path).expect("a PATH");
    let program = course(&progress, &["doctor"]).env("PATH", &path.to_string_lossy());
    (folder, program)
}

#[test]
fn it_looks_at_everything_that_a_lesson_needs() {
    let (_folder, doctor) = doctor();
    let ended = doctor.run();
    ended.code(0);
    for what in [
        "IPv4 loopback",
        "IPv6 loopback",
        "port 8888, TCP",
        "port 9999, TCP",
        "port 9000, UDP",
        "port 9000, TCP",
        "raw sockets",
        "telnet",
        "nc ",
        "python3",
        "curl",
        "Yes, every lesson",
    ] {
        assert!(ended.stdout.contains(what), "{what}: {ended:#?}");
    }
    for line in ended.stdout.lines() {
        let says = ["ok", "note", "BAD"]
            .iter()
            .any(|start| line.starts_with(start));
        assert!(says || line.chars().count() < 80, "{line}");
        assert!(!line.contains('\x1b'), "{line}");
    }
}

/// The ports of the lessons' servers are those that their runs show. Python's web server, of
/// lessons 03 and 04, announces itself in other words.
#[test]
fn it_looks_at_every_port_that_a_run_of_the_lessons_listens_on() {
    let mut ports = BTreeSet::from([8000]);
    let lessons = fs::read_dir(tests::root().join("lessons")).expect("the lessons");
    for lesson in lessons {
        let runs = lesson.expect("a lesson").path().join("transcripts");
        for run in fs::read_dir(&runs).expect("its transcripts") {
            let run = run.expect("a transcript").path();
            if run.extension().is_some_and(|kind| kind == "txt") {
                ports.extend(ports_of(&fs::read_to_string(run).expect("its text")));
            }
        }
    }
    let (_folder, doctor) = doctor();
    let said = doctor.run().stdout;
    let looked_at = said.lines().filter_map(|line| {
        let (_, port) = line.split_once("  port ")?;
        port.split(',').next()?.parse().ok()
    });
    assert_eq!(looked_at.collect::<BTreeSet<u16>>(), ports, "{said}");
}

/// The ports behind `Listening on`, without those that the kernel chose: a transcript writes
/// them as 50001, 50002 ….
fn ports_of(run: &str) -> Vec<u16> {
    let addresses = run.split("Listening on ").skip(1);
    let addresses = addresses.filter_map(|rest| rest.split_whitespace().next());
    let ports = addresses.filter_map(|address| address.rsplit_once(':')?.1.parse().ok());
    ports.filter(|port| *port <= 50_000).collect()
}

#[test]
fn a_port_in_use_is_told_with_the_way_to_find_who_has_it() {
    // Where this fails, another program has the port: that is to be told, too.
    let _held = TcpListener::bind("127.0.0.1:9999");
    let (_folder, doctor) = doctor();
    let ended = doctor.run();
    ended.code(0);
    let said = "note  port 9999, TCP   in use by another program";
    assert!(ended.stdout.contains(said), "{ended:#?}");
    if cfg!(target_os = "linux") {
        assert!(
            ended.stdout.contains("`ss -tlnp 'sport = :9999'`"),
            "{ended:#?}"
        );
    }
}

#[cfg(unix)]
#[test]
fn what_is_missing_is_told_with_the_command_that_installs_it() {
    let (folder, progress) = no_progress();
    let path = folder.path().display().to_string();
    // No program at all to type to a server with: lesson 06 cannot be done.
    let ended = course(&progress, &["doctor"]).env("PATH", &path).run();
    ended.code(1);
    assert!(ended.stdout.contains("BAD   a client"), "{ended:#?}");
    assert!(ended.stdout.contains("your system's package"), "{ended:#?}");
    // With one it can, and there is a package manager now.
    for name in ["apt", "python3"] {
        fs::write(folder.path().join(name), "").expect("written");
    }
    let ended = course(&progress, &["doctor"]).env("PATH", &path).run();
    ended.code(0);
    assert!(
        ended.stdout.contains("`sudo apt install telnet`"),
        "{ended:#?}"
    );
    assert!(ended.stdout.contains("netcat-openbsd`"), "{ended:#?}");
}

#[cfg(target_os = "linux")]
#[test]
fn it_knows_which_nc_this_is() {
    for (name, kind) in [
        ("nc.openbsd", "OpenBSD's"),
        ("nc.traditional", "the traditional one"),
        ("ncat", "Ncat"),
    ] {
        let Some(tool) = tests::find_tool(name) else {
            continue;
        };
        let (folder, progress) = no_progress();
        std::os::unix::fs::symlink(tool, folder.path().join("nc")).expect("a link");
        let path = folder.path().display().to_string();
        let ended = course(&progress, &["doctor"]).env("PATH", &path).run();
        ended.code(0);
        assert!(ended.stdout.contains(kind), "{name}: {ended:#?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_machine_without_loopback_cannot_do_the_lessons() {
    if !tests::namespace::allowed() {
        return;
    }
    let (_folder, doctor) = doctor();
    let ended = tests::namespace::around(doctor, "true").run();
    ended.code(1);
    assert!(ended.stdout.contains("BAD   IPv4 loopback"), "{ended:#?}");
    assert!(ended.stdout.contains("ip link set lo up"), "{ended:#?}");
    assert!(
        ended.stdout.contains("No: what is marked BAD"),
        "{ended:#?}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn few_descriptors_and_a_refused_raw_socket_are_told() {
    let prlimit = tests::tool!("prlimit");
    let (_folder, few) = doctor();
    let ended = few.through(prlimit, ["--nofile=64"]).run();
    ended.code(0);
    assert!(
        ended.stdout.contains("note  descriptors      64 in a"),
        "{ended:#?}"
    );
    if tests::namespace::allowed() {
        // Without -r this is nobody in there, with no right at all.
        let (_folder, nobody) = doctor();
        let ended = nobody.through("unshare", ["-U"]).run();
        ended.code(0);
        assert!(ended.stdout.contains("as lesson 01 shows"), "{ended:#?}");
    }
}
