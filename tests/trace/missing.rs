//! Where something is missing, the program says what, and shows what there is; and it needs no
//! rights.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tests::{Ended, Program, find_tool, namespace, skip, tool};

use crate::recordings::trace;

/// Two programs of netcat that talk, and where their picture goes.
fn talk(nc: &Path, file: &Path) -> Vec<String> {
    let (nc, file) = (nc.display().to_string(), file.display().to_string());
    let words =
        format!("--save {file} -- {nc} -l 127.0.0.1 9000 -- {nc} -N 127.0.0.1 9000");
    words.split(' ').map(str::to_string).collect()
}

fn page(ended: &Ended, file: &Path) -> String {
    ended.code(0);
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{error}: {ended:#?}"))
}

#[test]
fn without_strace_ones_own_programs_have_a_picture_of_what_travels() {
    let nc = tool!("nc.openbsd");
    if !namespace::allowed() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("own.html");
    let ended = trace(&[])
        .args(talk(&nc, &file))
        .env("PATH", "/nowhere")
        .run();
    assert!(ended.stderr.contains("there is no strace"), "{ended:#?}");
    assert!(ended.stderr.contains("without the calls"), "{ended:#?}");
    let page = page(&ended, &file);
    // Both ends have their names and their states, and nobody calls anything.
    for mark in [">nc.openbsd 2<", ">SYN ACK<", ">SYN-SENT<", ">ESTAB<"] {
        assert!(page.contains(mark), "{mark}: {page}");
    }
    assert!(!page.contains("accept"), "{page}");
}

/// In a user namespace in which no further one may be made.
fn without_namespaces(program: Program) -> Program {
    let forbid = "echo 0 > /proc/sys/user/max_user_namespaces && exec \"$0\" \"$@\"";
    program.through("unshare", ["--user", "--map-root-user", "sh", "-c", forbid])
}

#[test]
fn with_namespaces_forbidden_a_run_is_shown_as_it_was_recorded_and_own_programs_are_not()
{
    let nc = tool!("nc.openbsd");
    if !namespace::allowed() || find_tool("strace").is_none() {
        return;
    }
    Program::of("connect-1"); // built here, and not within the run's deadline
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("refused.html");
    let save = file.display().to_string();
    let ended = without_namespaces(trace(&["refused", "--save", &save])).run();
    let said = "this system allows no network of one's own";
    assert!(ended.stderr.contains(said), "{ended:#?}");
    assert!(page(&ended, &file).contains("connect = ECONNREFUSED"));
    // Watched, its lines come from the book, too.
    let ended = without_namespaces(trace(&["refused", "--watch"])).run();
    ended.code(0);
    let line = "client: connect(3, 127.0.0.1:8000) = ECONNREFUSED";
    assert!(ended.stdout.contains(line), "{ended:#?}");

    let own = trace(&[]).args(talk(&nc, &folder.path().join("own.html")));
    let ended = without_namespaces(own).run();
    ended.code(1).complained(said);
}

/// Who they are and whether they have a home does not matter.
#[test]
fn nobody_and_an_ordinary_user_can_record() {
    let (nc, setpriv) = (tool!("nc.openbsd"), tool!("setpriv"));
    if !namespace::allowed() || find_tool("strace").is_none() {
        return;
    }
    if !nix::unistd::geteuid().is_root() {
        skip("only root can become somebody else; the other tests record as who you are");
        return;
    }
    // The target folder may be closed to them.
    let folder = tempfile::tempdir().expect("a folder");
    let everybody = fs::Permissions::from_mode(0o777);
    fs::set_permissions(folder.path(), everybody).expect("its rights");
    let copy = folder.path().join("trace");
    fs::copy(Program::of("trace").path(), &copy).expect("a copy");
    for user in ["65534", "12345"] {
        let file = folder.path().join(format!("{user}.html"));
        let ended = Program::at(&setpriv)
            .args([format!("--reuid={user}"), format!("--regid={user}")])
            .args(["--clear-groups".to_string(), copy.display().to_string()])
            .args(talk(&nc, &file))
            .in_folder("/")
            .run();
        assert!(page(&ended, &file).contains("accept = 4"), "{user}");
    }
}
