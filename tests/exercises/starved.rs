//! A program that others keep from the processor: it is waited for, and not told TIMEOUT.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use tests::{Program, namespace, tool};

use crate::{answers, said_of};

/// So many programs want the processor all the time.
const BUSY: usize = 6;

/// For so long, from the start of the check on: two seconds more than an answer may take.
const KEPT: Duration = Duration::from_secs(7);

/// Each ends by itself, too, when it has had the processor for ten seconds.
const BUSY_LOOP: &str = "ulimit -t 10; echo busy; while :; do :; done";

/// When it is started first, what is checked has the lowest class: it gets what is left of
/// the processor, one thousandth (sched(7), SCHED_IDLE). Later starts are as usual: so it
/// ends also where other work goes on for longer.
#[test]
fn a_program_that_others_keep_from_the_processor_is_waited_for() {
    let (chrt, taskset) = (tool!("chrt"), tool!("taskset"));
    if !namespace::allowed() {
        return;
    }
    let answer = answers::solution("socket-kinds");
    let ours = fs::read_to_string("/proc/self/status").expect("it");
    let mut lines = ours.lines();
    let list = lines.find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    let processor = list.and_then(|list| list.trim().split(['-', ',']).next());
    let processor = processor.expect("the first of a list");
    let exercise = exercises::all().find(|one| one.name == "socket-kinds");
    let (chrt, there) = (chrt.display(), taskset.display());
    let command = format!(
        "mkdir once 2>/dev/null && exec {chrt} -i 0 {there} -c {processor} {answer} \"$@\"
         exec {answer} \"$@\""
    );
    let folder = tempfile::tempdir().expect("a folder");
    let script = folder.path().join("starts.sh");
    fs::write(&script, command).expect("written");
    let command = format!("sh '{}'", script.display());
    let busy = ["-c", processor, "sh", "-c", BUSY_LOOP];
    let mut busy = [(); BUSY].map(|()| Program::at(&taskset).args(busy).start());
    for one in &mut busy {
        one.line_within(Duration::from_secs(60), "busy");
    }
    let start = Instant::now();
    thread::spawn(move || {
        thread::sleep(KEPT); // so long they keep it from the processor
        drop(busy);
    });
    let said = said_of(exercise.expect("it is there"), &command);
    assert!(said.passed, "{}", said.words);
    let took = start.elapsed();
    assert!(took > Duration::from_secs(5), "{took:?}"); // or nothing kept it
}
