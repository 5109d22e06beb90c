//! What the steps of the lesson have wrong, and from which step on it is right. (What the
//! chapter shows is in transcripts.rs, and proves the same for what stands there.)

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::TempDir;
use tests::{Program, Running};

/// A step that listens on `my.sock` in a new folder that everybody may enter.
fn listens(step: &str, mask: &str) -> (Running, TempDir) {
    let folder = tempfile::tempdir_in("/tmp").expect("a folder");
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(folder.path(), mode).expect("chmod");
    let script = format!("umask {mask}; exec {}", Program::of(step).path().display());
    let program = Program::at("/bin/sh").args(["-c", &script]);
    let mut running = program.in_folder(folder.path()).start();
    running.line("Listening on my.sock");
    (running, folder)
}

#[test]
fn step_2_removes_somebodys_document_and_step_3_leaves_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("my.sock");
    for (step, stays) in [("unix-stream-3", true), ("unix-stream-2", false)] {
        fs::write(&path, "precious").expect("a file");
        let mut running = Program::of(step).in_folder(folder.path()).start();
        if stays {
            let ended = running.ends();
            ended.code(1);
            assert!(ended.stderr.contains("AddrInUse"), "{ended:#?}");
        } else {
            running.line("Listening on my.sock");
        }
        let found = fs::read_to_string(&path);
        assert_eq!(found.is_ok_and(|text| text == "precious"), stays, "{step}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn step_3_lets_another_user_in_and_step_4_keeps_it_out() {
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
    s.connect(sys.argv[1])
    s.sendall(b'hello\\n')
    print(s.makefile().readline().strip())
except PermissionError:
    print('PermissionError')
";
    for (step, heard) in [
        ("unix-stream-3", "OK... hello\n"),
        ("unix-stream-4", "PermissionError\n"),
    ] {
        let (_running, folder) = listens(step, "000");
        let path = folder.path().join("my.sock").display().to_string();
        let client = Program::at(python3).args(["-c", script, &path]);
        let ended = client.through(&setpriv, other).run();
        assert_eq!(ended.stdout, heard, "{step}: {ended:#?}");
    }
}

#[cfg(target_os = "linux")]
mod ping {
    use tests::{Ended, Program, tool};

    use crate::hosts::{DATAGRAMS, allowed, around_answers};

    fn answered_by(how: &str, step: &str, setup: &str) -> Ended {
        let setup = format!("{setup}\n{}", around_answers(how));
        tests::namespace::around(Program::of(step), &setup).run()
    }

    #[test]
    fn from_step_2_on_a_late_answer_does_not_pass_for_the_next() {
        if !allowed() {
            return;
        }
        tool!("python3");
        for (step, setup) in [("ping-2", DATAGRAMS), ("ping-3", "")] {
            let ended = answered_by("late", step, setup);
            ended.code(0);
            let lines: Vec<_> = ended.stdout.lines().collect();
            assert_eq!(lines[0], "number 1: no answer", "{ended:#?}");
            for (number, line) in (2..).zip(&lines[1..]) {
                let start = format!("number {number}: 13 bytes in ");
                assert!(line.starts_with(&start), "{step}: {ended:#?}");
            }
            assert_eq!(lines.len(), 4, "{step}: {ended:#?}");
        }
    }

    /// On loopback a raw socket hears the requests, too, and here answers for others.
    #[test]
    fn step_3_takes_no_message_for_its_answer_that_is_for_others() {
        if !allowed() {
            return;
        }
        tool!("python3");
        let ended = answered_by("others", "ping-3", "");
        ended.code(0);
        let lines: Vec<_> = ended.stdout.lines().collect();
        assert_eq!(lines[0], "number 1: no answer", "{ended:#?}");
        assert_eq!(lines.len(), 4, "{ended:#?}");
    }
}
