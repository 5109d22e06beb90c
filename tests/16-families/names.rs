//! The name of `unix-stream`: whose it is, and who may use it.

use std::fs;
use std::os::unix::net::UnixDatagram;
#[cfg(target_os = "linux")]
use std::path::Path;

use nix::sys::signal::Signal::SIGKILL;
use tests::Program;

use crate::{Server, full, server, serves, stale};

#[test]
fn a_file_that_a_killed_server_left_is_replaced_by_one_of_two() {
    let mut first = Server::start();
    first.running.line("try: ");
    first.running.signal(SIGKILL);
    let (path, _folder) = (first.path, first.folder);
    first.running.ends();
    assert!(path.exists());
    let mut second = server(&path).start();
    second.line("is left over from a server that has gone: removing it");
    second.line("Listening on ");
    serves(&path);
    second.interrupt();
    second.ends().code(0);
    // Two at once: the stale file is gone once, and one of the two has the name.
    stale(&path);
    let mut one = server(&path).start();
    one.line("Listening on ");
    server(&path).run().code(1).complained("(EADDRINUSE)");
    serves(&path);
}

/// Claim: Remove the old file before bind, to be sure.
#[test]
fn a_document_a_folder_a_link_and_a_living_server_are_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sock");
    let is_refused = |why: &str| {
        let ended = server(&path).run();
        let told = format!("cannot listen on {}: ", path.display());
        ended.code(1).complained(&told).complained(why);
        assert_eq!(ended.stdout, "");
    };
    // A file, a folder, a link to a socket that is stale.
    fs::write(&path, "precious").expect("a file");
    is_refused("address already in use (EADDRINUSE)");
    assert_eq!(fs::read(&path).expect("it is there"), b"precious");
    fs::remove_file(&path).expect("it goes");
    fs::create_dir(&path).expect("a folder");
    is_refused("(EADDRINUSE)");
    fs::remove_dir(&path).expect("it goes");
    let far = folder.path().join("far");
    stale(&far);
    std::os::unix::fs::symlink(&far, &path).expect("a link");
    is_refused("(EADDRINUSE)");
    fs::remove_file(&path).expect("it goes");
    // A datagram socket that lives, and a stream with a full queue.
    let datagram = UnixDatagram::bind(&path).expect("a socket");
    is_refused("(EADDRINUSE)");
    drop(datagram);
    fs::remove_file(&path).expect("it goes");
    let _full = full(&path);
    is_refused("(EADDRINUSE)");
    // No such folder.
    let nowhere = folder.path().join("no/sock");
    let ended = server(&nowhere).run();
    ended
        .code(1)
        .complained("no such file or directory (ENOENT)");
}

#[cfg(target_os = "linux")]
#[test]
fn another_user_meets_the_mode_of_the_file_or_is_sent_away() {
    let Some((setpriv, other)) = crate::another_user() else {
        return;
    };
    // One that other users can start, too.
    let python3 = Path::new("/usr/bin/python3");
    if !python3.exists() {
        tests::skip!("there is no {}", python3.display());
    }
    let script = "
import socket, sys
s = socket.socket(socket.AF_UNIX)
try:
    s.connect(sys.argv[1].replace('@', chr(0)))
    print(s.makefile().readline().strip())
except PermissionError:
    print('PermissionError')
";
    let name = format!("@kept-out-{}", std::process::id());
    let folder = tempfile::tempdir_in("/tmp").expect("a folder");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(folder.path(), mode).expect("chmod");
    let path = folder.path().join("sock").display().to_string();
    let refused = "error: this server is not for your user";
    for (name, option, heard) in [
        (&path, "--patience=9", "PermissionError"),
        (&name, "--patience=9", refused),
        (&path, "--everybody", "Welcome, user 65534, process "),
        (&name, "--everybody", "Welcome, user 65534, process "),
    ] {
        let program = Program::of("unix-stream").args([name, option]);
        let mut running = program.start();
        running.line("try: ");
        let client = Program::at(python3).args(["-c", script, name]);
        let ended = client.through(&setpriv, other).run();
        assert!(
            ended.stdout.starts_with(heard),
            "{name} {option}: {ended:#?}"
        );
        if heard == refused {
            running.line("user 65534 is sent away");
        }
        running.interrupt();
        running.ends().code(0);
    }
}
