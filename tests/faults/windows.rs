//! The same table for the programs of Windows, which Wine starts: the faults that need no
//! means of Linux. `.ci/platforms` builds the programs and runs this:
//!
//! ```text
//! WINDOWS_PROGRAMS=FOLDER cargo test -p tests --test faults
//! ```
//!
//! Who talks to them is on Linux: Wine's sockets are the kernel's. `tests/platforms.md` is
//! written from here (`PLATFORMS=write cargo test -p tests --test faults the_table`).

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::Write as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::{env, fs};

use libtest_mimic::Trial;
use tests::{Program, peer, until, until_within};

use crate::list::FAULTS;
use crate::own_files;
use crate::row::{Crowd, Kind, Row, Server, Up};
use crate::trials::trial;

/// What is tried under Wine: the fault, and its column in the table.
const TRIED: &[(&str, Column)] = &[
    ("a_wrong_argument_is_told", Column::Runs),
    ("pieces_are_put_together", Column::Talks),
    ("a_half_closed_peer_gets_its_answer", Column::Talks),
    ("bytes_that_are_not_text_are_no_panic", Column::Talks),
    ("an_empty_datagram_is_a_datagram", Column::Talks),
    ("a_dead_port_is_told", Column::Errors),
    ("a_port_in_use_is_told", Column::Errors),
    ("a_full_queue_is_told_after_the_timeout", Column::Errors),
    (CLOSED_OUTPUT, Column::Ends),
    (CTRL_C, Column::Ends),
];
const CLOSED_OUTPUT: &str = "a_closed_output_is_no_panic";
const CTRL_C: &str = "ctrl_c_ends_it_cleanly";

/// A column of the table: the program starts and reads its arguments, is talked to, names
/// the errors of the network, ends on Ctrl+C and without a reader.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Column {
    Runs,
    Talks,
    Errors,
    Ends,
}

const COLUMNS: [Column; 4] = [Column::Runs, Column::Talks, Column::Errors, Column::Ends];

/// What is not tried: fault, programs, and why.
const NOT: &[(&str, &[&str], &str)] = &[
    (
        "a_dead_port_is_told",
        &["udp", "framework-udp-echo"],
        "strace provokes it, and Wine's calls are not the program's",
    ),
    (
        "a_dead_port_is_told",
        &["udp-client"],
        "Wine does not tell that a datagram was refused: recv times out",
    ),
    (
        "a_closed_output_is_no_panic",
        &["tcp-and-udp"],
        "it waits for datagrams of which Wine does not tell that they were refused",
    ),
    (
        "ctrl_c_ends_it_cleanly",
        &["remote-server"],
        "its talk, with a token, is known to the tests of its lesson alone",
    ),
    (
        "a_closed_output_is_no_panic",
        &["options-keepalive"],
        "Wine 8 has none of its options; Windows 10 has them",
    ),
];

/// A trial for each program and fault, and for each program that is for Unix only.
pub fn trials(rows: &[Row]) -> Vec<Trial> {
    let elsewhere = only_elsewhere();
    let mut trials: Vec<_> = elsewhere
        .keys()
        .map(|name| {
            let program = name.clone();
            trial(&format!("it_says_where_it_runs::{name}"), move || {
                it_says_where_it_runs(&program)
            })
        })
        .collect();
    trials.push(trial("doctor_says_what_to_install::course", || {
        let ended = guide("course").args(["doctor"]).run();
        let (says, install) = ("127.0.0.1 listens and answers", "winget install");
        assert!(ended.stdout.contains(says), "{ended:?}");
        assert!(ended.stdout.contains(install), "{ended:?}");
    }));
    trials.push(trial("a_check_leaves_nothing_behind::trainer", || {
        a_check_leaves_nothing_behind();
    }));
    trials.push(trial("watch_judges_each_save::trainer", || {
        watch_judges_each_save();
    }));
    trials.push(trial("the_book_is_built_and_served::book", || {
        the_book_is_built_and_served();
    }));
    for row in rows {
        for (fault, _) in tried(row) {
            let row = row.clone();
            trials.push(trial(&format!("{fault}::{}", row.label()), move || {
                check(fault, &row);
            }));
        }
    }
    trials
}

/// The faults that a program is tried for.
fn tried(row: &Row) -> Vec<(&'static str, Column)> {
    if only_elsewhere().contains_key(row.name) {
        return Vec::new();
    }
    // The tests of its lesson try these, with what Linux has.
    let own = own_files::cells();
    let is_own = |fault: &str| {
        let programs = own.get(fault);
        programs.is_some_and(|all| all.iter().any(|one| one == row.name))
    };
    let applies = |fault: &str| match (fault, &row.kind) {
        _ if is_own(fault) => false,
        (CTRL_C, Kind::Server(_)) => true,
        (CTRL_C, _) => false,
        _ => {
            let fault = FAULTS.iter().find(|one| one.name == fault);
            fault.expect("a name of the list").check(row).is_some()
        }
    };
    let here = |fault| why_not(fault, row).is_none();
    let all = TRIED.iter().copied();
    all.filter(|(fault, _)| applies(fault) && here(fault))
        .collect()
}

fn why_not(fault: &str, row: &Row) -> Option<&'static str> {
    let found = NOT
        .iter()
        .find(|(name, programs, _)| *name == fault && programs.contains(&row.name));
    found.map(|(.., why)| *why)
}

fn check(fault: &str, row: &Row) {
    match (fault, &row.kind) {
        (CTRL_C, Kind::Server(server)) => ctrl_c_ends_it_cleanly(row, server),
        (CLOSED_OUTPUT, Kind::Server(server)) => a_closed_output_is_no_panic(row, server),
        _ => {
            let fault = FAULTS.iter().find(|one| one.name == fault);
            let fault = fault.expect("a name of the list");
            fault.check(row).expect("it was asked before")(row);
        }
    }
}

fn it_says_where_it_runs(name: &str) {
    let ended = Program::of(name).run();
    ended.code(1);
    ended.complained("uses calls that Windows does not have");
    assert!(ended.stderr.contains("WSL 2"), "{ended:?}");
}

/// A program of the guide. Wine's drive Z: is the root of the files here.
fn guide(name: &str) -> Program {
    let root = format!("Z:{}", tests::root().display());
    Program::of(name).env("COURSE_ROOT", &root)
}

/// The checker starts a launcher, and that one the learner's program: a server that never
/// ends, and does not pass. When the check is over, the program is, too.
fn a_check_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let own = folder.path().join("left-behind.exe"); // nobody else runs this file
    let programs = tests::windows_programs().expect("set");
    fs::copy(programs.join("forever-loop.exe"), &own).expect("a copy");
    let library = "bcryptprimitives.dll"; // ours: `.ci/platforms` says why
    fs::copy(programs.join(library), folder.path().join(library)).expect("a copy");
    let command = format!("'Z:{}'", own.display());
    let args = ["check", "half-close-echo", "--command", &command];
    let ended = guide("trainer").args(args).run();
    ended.code(1);
    assert!(ended.stdout.contains("TIMEOUT  1 of "), "{ended:?}");
    until("nothing is left of it", || {
        let processes = fs::read_dir("/proc").expect("/proc").flatten();
        let mut lines = processes.map(|process| fs::read(process.path().join("cmdline")));
        let is_own =
            |line: &[u8]| String::from_utf8_lossy(line).contains("left-behind.exe");
        (!lines.any(|line| line.is_ok_and(|line| is_own(&line)))).then_some(())
    });
}

/// There is no cargo of Windows here. Who stands in for it says that this lesson's program
/// is what came of the learner's file.
fn watch_judges_each_save() {
    let programs = tests::windows_programs().expect("set");
    let copy = tempfile::tempdir().expect("a folder");
    let copy = copy.path();
    let mine = copy.join("exercises/mine/examples");
    fs::create_dir_all(&mine).expect("a folder");
    for folder in ["", "exercises"] {
        let entries = fs::read_dir(tests::root().join(folder)).expect("a folder");
        for entry in entries.flatten() {
            let link = copy.join(folder).join(entry.file_name());
            if !link.exists() && entry.file_name() != "target" {
                symlink(entry.path(), link).expect("a link");
            }
        }
    }
    let built = programs.join("forever-loop.exe").display().to_string();
    let says = format!("{{\"executable\":\"Z:{}\"}}", built.replace('/', "\\\\"));
    let on_windows = |path: &Path| format!("Z:{}", path.display());
    let mut watch = guide("trainer")
        .env("COURSE_ROOT", &on_windows(copy))
        .env("COURSE_PROGRESS", &on_windows(&copy.join("progress")))
        .env(
            "CARGO",
            &on_windows(&programs.join("stand-in-for-cargo.exe")),
        )
        .env("STAND_IN_SAYS", &says)
        .args(["watch", "half-close-echo"])
        .start();
    let judged = |watch: &mut tests::Running| {
        // Five seconds of this are the checker's, which waits for an answer.
        watch.line_within(tests::WHOLE, "  ok    the program listens");
        watch.line_within(tests::WHOLE, "TIMEOUT  1 of ");
        watch.line("q quit");
    };
    judged(&mut watch);
    let file = mine.join("half-close-echo.rs"); // made by watch, from the exercise's stub
    let text = fs::read_to_string(&file).expect("the learner's file");
    fs::write(&file, format!("{text}// saved\n")).expect("written");
    judged(&mut watch);
    watch.types("q\n");
    watch.ends().code(0);
}

fn the_book_is_built_and_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let pages = format!("Z:{}", folder.path().join("pages").display());
    let mut book = guide("book")
        .args(["--no-open", "--port", "0", "--dest", &pages])
        .start();
    let line = book.line_within(tests::WHOLE * 3, "The book is on http://");
    let (_, address) = line.rsplit_once('/').expect("an address");
    let get = |path: &str| {
        let mut client = TcpStream::connect(address).expect("the book's server");
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        );
        client.write_all(request.as_bytes()).expect("sent");
        String::from_utf8(peer::read_to_end(&mut client)).expect("text")
    };
    let page = get("/06-forever-loop.html");
    assert!(page.starts_with("HTTP/1.1 200 "), "{page}");
    assert!(page.contains("Lesson 06: forever-loop"), "{page}");
    let outside = get("/..%5c..%5cCargo.toml"); // a backslash is a separator there
    assert!(outside.starts_with("HTTP/1.1 404 "), "{outside}");
    book.interrupt();
    book.ends().code(0);
}

/// Ctrl+C reaches a program of Windows as an event of its console.
fn ctrl_c_ends_it_cleanly(row: &Row, server: &Server) {
    let mut up = row.up(server, &[]);
    let client = (server.crowd != Crowd::One).then(|| {
        let mut client = up.client();
        up.asks(&mut client, "I am served");
        client
    });
    up.running.interrupt();
    if let Some(mut client) = client {
        assert_eq!(peer::read_to_end(&mut client), b"", "the end of a stream");
    }
    let ended = up.running.ends();
    ended.code(0);
    assert_eq!(ended.stderr, "");
}

/// Nobody sees where the server listens, and the kernel has its sockets down as Wine's: so
/// it is given a port, and the first connection that succeeds is the client.
fn a_closed_output_is_no_panic(row: &Row, server: &Server) {
    let free =
        TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let address: SocketAddr = free.expect("a free port");
    let running = row.program(address, &[]).start_with_closed_output();
    let mut client = until_within(tests::WHOLE, "it listens", || {
        TcpStream::connect(address).ok()
    });
    client
        .set_read_timeout(Some(tests::WHOLE))
        .expect("a deadline");
    let mut up = Up::unseen(row, server, running, address);
    up.greets(&mut client);
    up.asks(&mut client, "hello");
    up.stays_well(client);
}

/// The programs that are for Unix or Linux alone, and which of the two: a file in a
/// lesson's `src/only-on` starts each.
fn only_elsewhere() -> BTreeMap<String, &'static str> {
    let lessons = fs::read_dir(tests::root().join("lessons")).expect("lessons/");
    let folders = lessons
        .flatten()
        .map(|entry| entry.path().join("src/only-on"));
    let files = folders.flat_map(|folder| fs::read_dir(folder).into_iter().flatten());
    files
        .flatten()
        .map(|entry| {
            let text = fs::read_to_string(entry.path()).expect("a file");
            let file = entry.file_name().to_string_lossy().into_owned();
            let systems = match text.contains("only_on!(unix,") {
                true => "Unix",
                false => "Linux",
            };
            (file.trim_end_matches(".rs").to_string(), systems)
        })
        .collect()
}

/// Compares `tests/platforms.md` with the table, or writes it.
pub fn compare(rows: &[Row]) {
    let file = tests::root().join("tests/platforms.md");
    let is = page(rows);
    if env::var("PLATFORMS").is_ok_and(|value| value == "write") {
        fs::write(&file, &is).expect("a page");
    }
    let was = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        was == is,
        "the page is not the table's (PLATFORMS=write writes it anew)"
    );
}

fn page(rows: &[Row]) -> String {
    let mut page = String::from(
        "| Program | On Windows | Starts | Talks | Names errors | Ends |\n\
         |---|---|---|---|---|---|\n",
    );
    let elsewhere = only_elsewhere();
    let mut names = Vec::new();
    for row in rows.iter().filter(|row| !elsewhere.contains_key(row.name)) {
        if names.contains(&row.name) {
            continue; // another design of it
        }
        names.push(row.name);
        let tried = tried(row);
        let cells = COLUMNS.map(|column| {
            let count = tried.iter().filter(|(_, of)| *of == column).count();
            if count == 0 { "–" } else { "yes" }
        });
        writeln!(
            page,
            "| `{}` | compiles | {} |",
            row.name,
            cells.join(" | ")
        )
        .expect("a string");
    }
    for systems in ["Unix", "Linux"] {
        let all = elsewhere.iter().filter(|(_, of)| **of == systems);
        let all: Vec<_> = all.map(|(name, _)| format!("`{name}`")).collect();
        writeln!(
            page,
            "| {} | for {systems}: says so | – | – | – | yes |",
            all.join(", ")
        )
        .expect("a string");
    }
    page.push('\n');
    for (fault, programs, why) in NOT {
        writeln!(page, "- `{fault}`, {}: {why}.", programs.join(", ")).expect("a string");
    }
    page
}
