//! `check` and `watch` on machines that are not as one thinks: old dates, cargo's settings of
//! the user's own, another cargo at work, a folder that is missing, Ctrl+Z.

use std::fs;
use std::time::{Duration, SystemTime};

use tests::{Program, tool};

use super::PATIENCE;
use super::exercises::{Copy, NAME};

#[test]
fn a_backup_that_is_put_back_is_what_is_checked_whatever_its_date() {
    let copy = Copy::new();
    let checked = || copy.run(&["check", NAME]).start().ends_within(PATIENCE);
    let wrong = copy.judges("wrong/one-recv.rs");
    copy.writes(&copy.judges("solution.rs"));
    checked().code(0);
    for (text, code) in [(&wrong, 1), (&copy.judges("solution.rs"), 0), (&wrong, 1)] {
        copy.writes(text);
        let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        let file = fs::File::options().append(true).open(copy.file());
        file.expect("it").set_modified(old).expect("dated");
        checked().code(code);
    }
}

#[test]
fn cargos_settings_move_the_program_and_it_is_found() {
    let copy = Copy::new();
    let said = Program::at("rustc").args(["-vV"]).run();
    let host = said
        .stdout
        .lines()
        .find_map(|line| line.strip_prefix("host: "));
    let host = host.expect("a host");
    let settings = format!("[build]\ntarget = {host:?}\n");
    let folder = copy.root.join(".cargo");
    fs::create_dir_all(&folder).expect("made");
    fs::write(folder.join("config.toml"), settings).expect("written");
    copy.writes(&copy.judges("solution.rs"));
    let check = copy.run(&["check", NAME]).in_folder(&copy.root);
    let ended = check.start().ends_within(PATIENCE);
    fs::remove_dir_all(folder).expect("removed");
    ended.code(0);
    assert!(copy.root.join("target").join(host).is_dir());
}

#[test]
fn a_wait_for_another_cargo_is_told_and_q_ends_it() {
    let copy = Copy::new();
    let lock = fs::File::options()
        .append(true)
        .create(true)
        .open(copy.root.join("target/debug/.cargo-lock"))
        .expect("cargo's lock");
    lock.lock().expect("locked");
    let mut watch = copy.run(&["watch", NAME]).start();
    watch
        .complains("cargo is at work: it compiles libraries, or waits for another cargo");
    watch.types("q\n");
    watch.ends().code(0);
    let check = copy.run(&["check", NAME]).start();
    check.complains("cargo is at work");
    lock.unlock().expect("unlocked");
    let ended = check.ends_within(PATIENCE);
    assert!(ended.code(1).stdout.contains("CRASH  1 of "), "{ended:#?}");
}

#[test]
fn what_is_missing_is_named() {
    let copy = Copy::new();
    let check = copy
        .run(&["check", NAME])
        .env("TMPDIR", "/nowhere-at-all")
        .start();
    let ended = check.ends_within(PATIENCE);
    for words in [
        "no folder can be made in /nowhere-at-all",
        "TMPDIR",
        "-- doctor",
    ] {
        assert!(ended.code(1).stderr.contains(words), "{ended:#?}");
    }
    fs::remove_file(copy.file()).expect("removed");
    fs::create_dir(copy.file()).expect("made");
    let ended = copy.run(&["check", NAME]).start().ends_within(PATIENCE);
    assert!(
        ended
            .code(1)
            .stderr
            .contains("half-close-echo.rs is a folder"),
        "{ended:#?}"
    );
    let ended = copy.run(&["reset", NAME]).run();
    assert!(
        ended.code(0).stdout.contains("half-close-echo.rs.bak\n"),
        "{ended:#?}"
    );
    assert!(copy.file().is_file());
}

#[test]
fn ctrl_z_gives_the_terminal_back_and_fg_takes_it_again() {
    let copy = Copy::new();
    let python = tool!("python3");
    let script = copy.progress.with_file_name("terminal.py");
    fs::write(&script, CTRL_Z).expect("written");
    let guide = copy.root.join("target/debug/trainer");
    let words = [
        script.as_os_str(),
        guide.as_os_str(),
        "watch".as_ref(),
        NAME.as_ref(),
    ];
    let watch = Program::at(&python).args(words);
    let watch = watch.env("COURSE_PROGRESS", &copy.progress.display().to_string());
    let watch = watch.env("COURSE_ROOT", &copy.root.display().to_string());
    let ended = watch.start().ends_within(PATIENCE);
    assert_eq!(
        ended.code(0).stdout,
        "cooked: True, raw again: True\n",
        "{ended:#?}"
    );
}

/// A shell with job control, as far as it is needed: it looks at the terminal while the
/// program is stopped, and when it goes on.
const CTRL_Z: &str = r#"
import os, pty, select, signal, sys, termios, time
own, other = pty.openpty()
child = os.fork()
if child == 0:
    os.setsid()
    for fd in (0, 1, 2):
        os.dup2(other, fd)
    os.execv(sys.argv[1], sys.argv[1:])
def cooked():
    return bool(termios.tcgetattr(other)[3] & termios.ICANON)
def until(asked):
    end = time.monotonic() + 60
    while not asked() and time.monotonic() < end:
        if select.select([own], [], [], 0.01)[0]:
            os.read(own, 65536)
    return asked()
assert until(lambda: not cooked())
os.kill(child, signal.SIGTSTP)
stopped = lambda: os.waitpid(child, os.WUNTRACED | os.WNOHANG)[0] == child
end = time.monotonic() + 60
while not stopped() and time.monotonic() < end:
    if select.select([own], [], [], 0.01)[0]:
        os.read(own, 65536)
while_stopped = cooked()
os.kill(child, signal.SIGCONT)
again = until(lambda: not cooked())
os.kill(child, signal.SIGKILL)
os.waitpid(child, 0)
print(f"cooked: {while_stopped}, raw again: {again}")
"#;
