//! The runs of the book, recorded here and now.

use std::fs;
use std::path::Path;
use std::time::Duration;

use similar::TextDiff;
use tests::{Program, find_tool, namespace};
use trace::check::check;
use trace::comparable::comparable;
use trace::draw::figure;
use trace::event;
use trace::runs::{self, Run};

use crate::kept;

/// Whether this machine can record the runs.
fn can_record() -> bool {
    let tools = ["strace", "nc.openbsd", "python3"];
    namespace::allowed() && tools.iter().all(|tool| find_tool(tool).is_some())
}

/// Whether a network of a run's own has IPv6.
fn has_ipv6() -> bool {
    Path::new("/proc/net/if_inet6").exists()
}

/// A run has many steps, and the recorder itself gives each of them ten seconds.
const WHOLE_RUN: Duration = Duration::from_secs(60);

pub fn trace(args: &[&str]) -> Program {
    let root = tests::root().display().to_string();
    Program::of("trace").args(args).env("COURSE_ROOT", &root)
}

/// Each is compared with what is kept; `TRANSCRIPTS=write` keeps what differs. `RUN=chat`
/// takes only those in whose name or lesson this stands.
#[test]
fn a_new_recording_is_the_kept_one_but_for_times() {
    if !can_record() {
        return;
    }
    let asked = std::env::var("RUN").unwrap_or_default();
    let is_asked = |run: &&Run| run.name.contains(&asked) || run.lesson.contains(&asked);
    for run in runs::all().filter(is_asked) {
        if run.lesson == "16-families" && !has_ipv6() {
            tests::skip(format!("this kernel has no IPv6: no run {}", run.name));
            continue;
        }
        for (_, program) in run.programs {
            Program::of(program); // built here, and not within the run's deadline
        }
        let ended = trace(&[run.name, "--data"]).start().ends_within(WHOLE_RUN);
        ended.code(0);
        let events = event::read(&ended.stdout).unwrap_or_else(|error| panic!("{error}"));
        check(&events).unwrap_or_else(|lie| panic!("{}: {lie}", run.name));
        let [data, html] = run.files();
        let file = tests::root().join(&data);
        let write = std::env::var("TRANSCRIPTS").is_ok_and(|value| value == "write");
        let is = comparable(&events);
        if write {
            let known = fs::read_to_string(&file).unwrap_or_default();
            let known = event::read(&known).unwrap_or_default();
            if comparable(&known) != is {
                fs::create_dir_all(file.parent().expect("runs/")).expect("a folder");
                fs::write(&file, event::write(&events)).expect("the data");
                let drawn = figure(&run.picture(), &events);
                fs::write(tests::root().join(html), drawn).expect("the figure");
            }
            continue;
        }
        let was = comparable(&kept(run));
        assert!(
            was == is,
            "{data}: the run is no longer the one in the book\n{}\nthe recording:\n{}",
            TextDiff::from_lines(&was, &is)
                .unified_diff()
                .header("the book", "this run"),
            ended.stdout
        );
    }
}

#[test]
fn a_picture_of_ones_own_programs_can_be_saved() {
    if !can_record() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("own.html");
    let file = file.display().to_string();
    let server = ["nc.openbsd", "-l", "127.0.0.1", "9000"];
    let client = ["nc.openbsd", "127.0.0.1", "9000"];
    let mut args = vec!["--save", &file, "--"];
    args.extend(server);
    args.push("--");
    args.extend(client);
    trace(&args).run().code(0);
    let page = fs::read_to_string(&file).expect("the page");
    assert!(page.contains("SYN ACK"), "{page}");
    assert!(page.contains("accept = 4"), "{page}");
}

/// Then each of its ends has a lifeline.
#[test]
fn a_picture_of_a_program_that_connects_to_itself_can_be_saved() {
    if !can_record() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("own.html");
    let file = file.display().to_string();
    let own = Program::of("options-nagle-2").path();
    trace(&["--save", &file, "--"]).args([own]).run().code(0);
    let page = fs::read_to_string(&file).expect("the page");
    let texts = [
        ">options-nagle-2<",
        ">options-nagle-2 itself<",
        ">send head <",
    ];
    for text in texts {
        assert!(page.contains(text), "no {text} in {page}");
    }
}

/// The run goes on for a second after its first lines.
#[test]
fn a_watched_run_prints_the_lines_of_its_twin_while_it_happens_and_colours_on_demand() {
    if !can_record() {
        return;
    }
    for (_, program) in runs::find("second-client").expect("a run").programs {
        Program::of(program); // built here, and not within the run's deadline
    }
    let watch = || trace(&["second-client", "--watch"]);
    let mut running = watch().start();
    running.line("bind(3, 127.0.0.1:8888) = 0");
    assert!(running.runs(), "it has printed all at its end");
    running.line("two > server: P. 1:7(6) ack 1 \"hello\\n\"");
    running.line("server: recv(5, \"hello\\n\") = 6");
    let ended = running.ends();
    ended.code(0);
    assert!(!ended.stdout.contains('\x1b'), "{ended:#?}");
    let ended = watch().env("CLICOLOR_FORCE", "1").run();
    assert!(ended.stdout.contains("\x1b["), "{ended:#?}");
}

#[test]
fn a_program_has_no_rights_in_the_network_of_a_run() {
    if !can_record() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("own.html");
    let file = file.display().to_string();
    let args = ["--save", &file, "--", "nc.openbsd", "-l", "127.0.0.1", "80"];
    trace(&args).run().code(0);
    let page = fs::read_to_string(&file).expect("the page");
    assert!(page.contains("bind = EACCES"), "{page}");
}

#[test]
fn without_strace_it_says_so_and_shows_the_kept_picture() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("refused.html");
    Program::of("connect-1"); // built here: below there is no linker
    let cargo = std::env::var("CARGO").expect("cargo runs the tests");
    let programs = std::path::Path::new(&cargo).parent().expect("its folder");
    let ended = trace(&["refused", "--save", &file.display().to_string()])
        .env("PATH", &programs.display().to_string())
        .run();
    ended.code(0);
    assert!(ended.stderr.contains("there is no strace"), "{ended:#?}");
    let page = fs::read_to_string(&file).expect("the page");
    assert!(page.contains("connect = ECONNREFUSED"), "{page}");
}

/// The server would listen for ever.
#[test]
fn nothing_outlives_a_recording_that_is_killed() {
    if !can_record() {
        return;
    }
    let args = ["--", "nc.openbsd", "-l", "127.0.0.1", "49871", "--"];
    let running = trace(&args).args(["sleep", "60"]).start();
    let server = tests::until("the server is started", || running_with("49871"));
    running.signal(nix::sys::signal::Signal::SIGKILL);
    // In a container whose first process collects nobody its entry stays, and is empty.
    let arguments = std::path::Path::new(&server).join("cmdline");
    let gone = || {
        fs::read(&arguments)
            .unwrap_or_default()
            .is_empty()
            .then_some(())
    };
    tests::until("the server has ended", gone);
}

/// The folder in /proc of an `nc.openbsd` with this argument.
fn running_with(argument: &str) -> Option<String> {
    let processes = fs::read_dir("/proc").expect("/proc").flatten();
    let mut folders = processes.map(|it| it.path().display().to_string());
    folders.find(|folder| {
        let line = fs::read(format!("{folder}/cmdline")).unwrap_or_default();
        let mut words = line.split(|byte| *byte == 0);
        words.next() == Some(b"nc.openbsd") && words.any(|it| it == argument.as_bytes())
    })
}

#[test]
fn an_unknown_run_is_refused_with_a_hint() {
    let ended = trace(&["nonsense"]).run();
    ended.code(2).complained("no run is called `nonsense`");
}

#[test]
fn the_list_names_every_run() {
    let list = trace(&["list"]).run().code(0).stdout.clone();
    for run in runs::all() {
        assert!(
            list.contains(run.name) && list.contains(run.title),
            "{list}"
        );
    }
}
