//! `grade`: students with right and wrong answers, and some that mean harm.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde_json::Value;
use tests::{Ended, Program, root, tool};

use super::{PATIENCE, course, no_progress, target_folder};

const ECHO: &str = "half-close-echo";

/// Its points: one for each step, but for the one that the file passes as it is handed out.
fn points() -> usize {
    let echo = exercises::all().find(|exercise| exercise.name == ECHO);
    echo.expect("an exercise").steps.len() - 1
}

/// A folder with a folder for each student.
struct Class(tempfile::TempDir);

impl Class {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn folder(&self) -> &Path {
        self.0.path()
    }

    fn student(&self, name: &str) -> PathBuf {
        let folder = self.folder().join("class").join(name);
        fs::create_dir_all(&folder).expect("a folder");
        folder
    }

    /// Hands in a file of the checker's room.
    fn hands_in(&self, student: &str, exercise: &str, from: &str) {
        let text = fs::read_to_string(root().join(from)).expect(from);
        self.writes(student, exercise, &text);
    }

    fn writes(&self, student: &str, exercise: &str, text: &str) {
        let file = self.student(student).join(format!("{exercise}.rs"));
        fs::write(file, text).expect("written");
    }

    /// Grades the whole class, by the guide.
    fn graded(&self, args: &[&str]) -> Ended {
        self.grade(args).start().ends_within(PATIENCE)
    }

    fn grade(&self, args: &[&str]) -> Program {
        drop(Program::of("grade")); // built before the clock runs
        let (_folder, progress) = no_progress();
        let class = self.folder().join("class");
        let class = class.to_str().expect("a name in UTF-8");
        let whole = [&["grade", "--each", class, "--seed", "7"], args].concat();
        course(&progress, &whole)
    }
}

/// One at a time: they share a compiler.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> std::sync::MutexGuard<'static, ()> {
    ALONE
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// The words of the row that begins with this one.
fn row<'a>(ended: &'a Ended, first: &str) -> Vec<&'a str> {
    let mut rows = ended.stdout.lines().map(|line| line.split_whitespace());
    let row = rows.find(|row| row.clone().next() == Some(first));
    row.unwrap_or_else(|| panic!("no row {first}: {ended:#?}"))
        .collect()
}

/// What was compiled stays in the target folder of this test run: the folder of each file
/// that was handed in.
fn kept() -> Vec<PathBuf> {
    let folders = |folder: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    };
    let grounds = folders(&target_folder().join("grade/kept"));
    grounds.iter().flat_map(|ground| folders(ground)).collect()
}

/// Has this file compiled again the next time.
fn forget(text: &str) {
    for folder in kept() {
        let answer = fs::read_to_string(folder.join("answer.rs"));
        if answer.is_ok_and(|answer| answer == text) {
            fs::remove_dir_all(folder).expect("removed");
        }
    }
}

/// A program of a test's own.
fn script(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::write(path, text).expect("written");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("it can be run");
}

/// The points that there are for an exercise: what its file passes untouched is none.
fn points_of(exercise: &checker::Exercise) -> usize {
    let given =
        fs::read_to_string(target_folder().join("grade/given").join(exercise.name));
    let given = given.expect("what was given is kept");
    let steps = given
        .lines()
        .last()
        .and_then(|line| line.parse::<usize>().ok());
    exercise.steps.len() - steps.expect("a number")
}

fn solution_of(exercise: &checker::Exercise) -> String {
    format!("{}/solution.rs", exercise.folder())
}

#[test]
fn each_step_is_a_point_and_nobody_harms_the_next() {
    let _alone = alone();
    if !sandboxed() {
        return;
    }
    let class = Class::new();
    let first: Vec<_> = exercises::all().take(3).collect();
    let mut args = Vec::new();
    for exercise in &first {
        args.extend(["--exercise", exercise.name]);
        class.hands_in("zoe", exercise.name, &solution_of(exercise));
    }
    // In the order of grading: harm first, then the one who did everything right.
    class.student("adam");
    let compile_error = "fn main() { let _x: u8 = \"no\"; }\n";
    class.writes("bob", first[0].name, compile_error);
    class.hands_in("bob", first[1].name, "tests/exercises/hostile/fork_bomb.rs");
    class.hands_in(
        "bob",
        first[2].name,
        "tests/exercises/hostile/much_output.rs",
    );
    class.hands_in(
        "carol",
        first[0].name,
        "tests/exercises/hostile/never_ends.rs",
    );
    let stub = format!("{}/start.rs", first[1].folder());
    class.hands_in("carol", first[1].name, &stub);
    let ended = class.graded(&args);
    ended.code(0);
    let points: usize = first.iter().map(|exercise| points_of(exercise)).sum();
    let (nothing, all) = (format!("0/{points}"), format!("{points}/{points}"));
    assert_eq!(
        row(&ended, "adam"),
        ["adam", &nothing, "0/3", "3", "not", "handed", "in"]
    );
    assert_eq!(row(&ended, "bob")[1..3], [&nothing, "0/3"]);
    assert_eq!(row(&ended, "zoe"), ["zoe", &all, "3/3"]);
    for words in [
        format!("{}: COMPILE-ERROR", first[0].name),
        format!("carol {}: TIMEOUT 0/", first[0].name),
        format!("carol {}: UNCHANGED", first[1].name),
        format!("carol {}: MISSING", first[2].name),
        format!(" zoe   {}: PASS", first[2].name),
    ] {
        assert!(ended.stderr.contains(&words), "{words}: {ended:#?}");
    }
    let broad = ended.stdout.lines().find(|line| line.chars().count() > 80);
    assert_eq!(broad, None);
}

#[test]
fn a_wrong_answer_has_the_points_of_the_steps_that_passed() {
    let _alone = alone();
    let class = Class::new();
    let wrong = format!("exercises/06-forever-loop/{ECHO}/wrong/one-recv.rs");
    class.hands_in("ann", ECHO, &wrong);
    let ended = class.graded(&["--exercise", ECHO]);
    ended.code(0);
    let two = format!("2/{}", points());
    assert_eq!(row(&ended, "ann"), ["ann", &two, "0/1", ECHO, "FAIL", &two]);
    assert_eq!(row(&ended, "seed"), ["seed", "7"]);
    assert!(ended.stderr.contains("Students: 1, seed 7\n"), "{ended:#?}");
}

#[test]
fn a_compiler_sees_neither_answers_nor_other_students_nor_works_without_an_end() {
    let _alone = alone();
    if !sandboxed() {
        return;
    }
    let class = Class::new();
    let solution = format!("exercises/06-forever-loop/{ECHO}/solution.rs");
    class.hands_in("ann", ECHO, &solution);
    let others = class.student("ann").join(format!("{ECHO}.rs"));
    forget(&fs::read_to_string(&others).expect("it"));
    let judges = root().join(&solution);
    for (student, file) in [("ben", others), ("cat", judges)] {
        class.writes(student, ECHO, &format!("include!({file:?});\n"));
    }
    // The program of the one before: there is one now, if there was none.
    class.graded(&["--exercise", ECHO]).code(0);
    let target = target_folder().join("grade/bench/target");
    let mut hosts = fs::read_dir(&target).expect("it").flatten();
    let programs = hosts.find_map(|host| {
        let programs = host.path().join("debug/examples");
        programs.is_dir().then_some(programs)
    });
    let program = programs.expect("a folder of programs").join(ECHO);
    let eats = format!("fn main() {{ include_bytes!({program:?}); }}\n");
    forget(&eats);
    class.writes("ann2", ECHO, &eats);
    class.writes("dan", ECHO, "macro_rules! m { ($($x:tt)*) => { m!($($x)* $($x)*); } }\nfn main() { m!(a); }\n");
    let ended = class.graded(&["--exercise", ECHO, "--format", "csv"]);
    ended.code(0);
    let rows: Vec<_> = ended.stdout.lines().skip(1).collect();
    // The dates are those of this run.
    let rows: Vec<_> = rows
        .iter()
        .map(|row| &row[..row.find(",2").expect("a date") + 1])
        .collect();
    let of = points();
    let refused = |name| format!("{name},0,{of},0,0,COMPILE-ERROR,{of},");
    assert_eq!(
        rows,
        [
            &format!("ann,{of},{of},1,{of},PASS,{of},"),
            &refused("ann2"),
            &refused("ben"),
            &refused("cat"),
            &refused("dan")
        ]
    );
}

#[test]
fn a_compiler_that_fails_itself_is_not_the_students_fault_and_is_asked_again() {
    let _alone = alone();
    let class = Class::new();
    let solution = root().join(format!("exercises/06-forever-loop/{ECHO}/solution.rs"));
    let solution = fs::read_to_string(solution).expect("a solution");
    let text = format!("{solution}// On a day when the disk was full.\n");
    forget(&text);
    class.writes("ann", ECHO, &text);
    // What students hand in is compiled offline, everything else is not.
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let broken = class.folder().join("cargo");
    let words = "error: No space left on device (os error 28)";
    let fails =
        format!("case \" $* \" in *' --offline '*) echo '{words}' >&2; exit 101;; esac");
    script(
        &broken,
        &format!("#!/bin/sh\n{fails}\nexec '{cargo}' \"$@\"\n"),
    );
    let broken = broken.to_str().expect("a name in UTF-8");
    let args = ["--exercise", ECHO, "--format", "junit"];
    // Without the guide: cargo tells whom it runs its own name.
    let folder = class.folder().join("class");
    let grade = Program::of("grade").args(["--each".as_ref(), folder.as_os_str()]);
    let ended = grade.args(args).env("CARGO", broken).start();
    let ended = ended.ends_within(PATIENCE);
    let whose = "not graded, by the checker's fault: ann half-close-echo";
    assert!(ended.code(1).stderr.contains(whose), "{ended:#?}");
    assert!(ended.stdout.contains(words), "{ended:#?}");
    let ended = class.graded(&["--exercise", ECHO]);
    let all = format!("{0}/{0}", points());
    assert_eq!(row(&ended, "ann"), ["ann", &all, "1/1"]);
}

#[test]
fn a_program_writes_in_its_own_folder_and_nowhere_else() {
    let _alone = alone();
    if !sandboxed() {
        return;
    }
    let class = Class::new();
    let precious = class.folder().join("precious");
    fs::write(&precious, "precious").expect("written");
    // It panics where it cannot write what it may.
    let text = format!(
        "use std::{{env::temp_dir, fs::write}};\n\
         fn main() {{\n\
             write({precious:?}, \"gone\").ok();\n\
             write(\"own\", \"\").expect(\"its folder\");\n\
             write(temp_dir().join(\"own2\"), \"\").expect(\"its temporary folder\");\n\
         }}\n"
    );
    class.writes("eve", ECHO, &text);
    let ended = class.graded(&["--exercise", ECHO]);
    let none = format!("0/{}", points());
    assert_eq!(
        row(&ended, "eve"),
        ["eve", &none, "0/1", ECHO, "FAIL", &none]
    );
    assert_eq!(fs::read_to_string(precious).expect("it"), "precious");
}

#[test]
fn neither_a_compiler_nor_a_program_sees_more_than_the_places_that_it_needs() {
    let _alone = alone();
    if !sandboxed() {
        return;
    }
    let class = Class::new();
    let home = class.folder().join("home");
    fs::create_dir(&home).expect("made");
    fs::write(home.join("an-unusual-place"), "password hunter2").expect("written");
    let secret = home.join("an-unusual-place");
    let snoops = SNOOPS.replace("SECRET", &format!("{secret:?}"));
    let includes = format!("const _: &str = include_str!({secret:?});\nfn main() {{}}\n");
    for (student, text) in [("eve", snoops), ("fay", includes)] {
        forget(&text);
        class.writes(student, ECHO, &text);
    }
    let mut grade = class.grade(&["--exercise", ECHO, "--format", "junit"]);
    // The tools stay where they are.
    let own = std::env::home_dir().expect("a home");
    for (name, place) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
        let place = std::env::var_os(name).map_or_else(|| own.join(place), PathBuf::from);
        grade = grade.env(name, place.to_str().expect("a name in UTF-8"));
    }
    let ended = grade
        .env("HOME", home.to_str().expect("a name in UTF-8"))
        .env("HTTPS_PROXY", "http://me:hunter2@127.0.0.1:9")
        .start()
        .ends_within(PATIENCE);
    let words = "compiler: false, program: false, others: 0, shadow: false, path: true";
    assert!(ended.code(0).stdout.contains(words), "{ended:#?}");
    assert!(
        ended.stderr.contains("fay half-close-echo: COMPILE-ERROR"),
        "{ended:#?}"
    );
}

/// Tells whether the password is anywhere, and how much else.
const SNOOPS: &str = r#"
use std::{env, fs};
fn main() {
    let is_there = |text: &str| text.contains("hunter2");
    let compiler = option_env!("HTTPS_PROXY").is_some_and(is_there);
    let text = fs::read_to_string(SECRET).unwrap_or_default();
    let program = is_there(&text) || env::vars().any(|(_, value)| is_there(&value));
    let seats = env::current_exe().unwrap();
    let seats = fs::read_dir(seats.parent().unwrap().parent().unwrap()).unwrap();
    let others = seats.count() - 1;
    let shadow = fs::metadata("/etc/shadow").is_ok();
    let path = env::var_os("PATH").is_some();
    panic!("compiler: {compiler}, program: {program}, others: {others}, shadow: {shadow}, path: {path}");
}
"#;

#[test]
fn an_output_that_cannot_be_written_is_told_before_the_work() {
    let class = Class::new();
    class.student("ann");
    class.student("ben");
    let folder = class.folder().to_str().expect("a name in UTF-8");
    let file = class.folder().join("file");
    fs::write(&file, "mine").expect("written");
    let file = file.to_str().expect("a name in UTF-8");
    for (format, output) in [
        ("csv", format!("{folder}/nowhere/points.csv").as_str()),
        ("csv", folder),
        ("gradescope", file),
    ] {
        let ended = class.graded(&["--format", format, "--output", output]);
        ended.code(2);
        assert!(!ended.stderr.contains("MISSING"), "{ended:#?}");
    }
    assert_eq!(fs::read_to_string(file).expect("it"), "mine");
}

#[test]
fn csv_and_junit_are_read_by_python() {
    let _alone = alone();
    let python = tool!("python3");
    let class = Class::new();
    let wrong = format!("exercises/06-forever-loop/{ECHO}/wrong/text.rs");
    class.hands_in("=1+1", ECHO, &wrong);
    class.hands_in(
        "b \"ö\", <&>",
        ECHO,
        &format!("exercises/06-forever-loop/{ECHO}/solution.rs"),
    );
    let script = class.folder().join("read.py");
    fs::write(&script, READ).expect("written");
    for format in ["csv", "junit"] {
        let output = class.folder().join(format);
        let place = output.to_str().expect("a name in UTF-8");
        let args = ["--exercise", ECHO, "--format", format, "--output", place];
        let ended = class.graded(&args);
        assert_eq!(ended.code(0).stdout, "");
        let read = Program::at(&python);
        read.args([script.as_os_str(), format.as_ref(), output.as_os_str()])
            .args([points().to_string()])
            .run()
            .code(0);
    }
}

const READ: &str = r#"
import csv, sys, xml.etree.ElementTree as tree
kind, path, points = sys.argv[1:]
if kind == "csv":
    with open(path, newline="", encoding="utf-8") as file:
        one, two = csv.DictReader(file)
    assert one["student"] == "'=1+1", one
    assert (one["points"], one["of"], one["passed"]) == ("1", points, "0"), one
    assert one["half-close-echo of"] == points, one
    assert one["half-close-echo verdict"] == "FAIL", one
    assert two["student"] == 'b "ö", <&>' and two["half-close-echo"] == points, two
else:
    suites = tree.parse(path).getroot()
    assert suites.tag == "testsuites", suites.tag
    assert (suites.get("tests"), suites.get("failures"), suites.get("errors")) == ("2", "1", "0")
    one, two = suites.findall("testsuite")
    assert (one.get("name"), one.get("failures")) == ("=1+1", "1")
    assert (two.get("name"), two.get("failures")) == ('b "ö", <&>', "0")
    case, = one.findall("testcase")
    assert case.get("name") == "half-close-echo" and float(case.get("time")) > 0
    failure, = case
    assert failure.tag == "failure" and failure.get("type") == "FAIL"
    assert failure.get("message") == f"1 of {points} points", failure.get("message")
    assert "likely" in failure.text, failure.text
    case, = two.findall("testcase")
    assert len(case) == 0
"#;

#[test]
fn gradescope_and_classroom50_get_what_they_ask_for() {
    let _alone = alone();
    let class = Class::new();
    let wrong = format!("exercises/06-forever-loop/{ECHO}/wrong/text.rs");
    class.hands_in("ann", ECHO, &wrong);
    class.student("ben");
    let output = class.folder().join("results");
    let place = output.to_str().expect("a name in UTF-8");
    let read = |file: &str| -> Value {
        let text = fs::read_to_string(output.join(file)).expect(file);
        serde_json::from_str(&text).expect("it is JSON")
    };
    let graded = |format| {
        let args = ["--exercise", ECHO, "--format", format, "--output", place];
        let program = class.grade(&args).env("CLASSROOM", "sockets");
        let program = program.env("COMMIT_URL", "https://example.com/c");
        program.start().ends_within(PATIENCE).code(0);
    };
    graded("gradescope");
    let ann = read("ann/results.json");
    assert_eq!(ann["score"], 1);
    let test = &ann["tests"][0];
    let of = points();
    let one_of_all = (&1.into(), &of.into());
    assert_eq!((&test["score"], &test["max_score"]), one_of_all);
    assert_eq!(test["status"], "failed");
    let words = test["output"].as_str().expect("words");
    let verdict = format!("FAIL 1/{of}\n  ok ");
    assert!(words.starts_with(&verdict), "{words}");
    assert!(ann["execution_time"].is_u64());
    assert_eq!(read("ben/results.json")["score"], 0);
    graded("classroom50");
    let ann = read("ann/result.json");
    let fields: Vec<_> = ann.as_object().expect("an object").keys().collect();
    assert_eq!(
        fields,
        [
            "assignment",
            "classroom",
            "commit",
            "datetime",
            "max-score",
            "release",
            "review",
            "schema",
            "score",
            "submission",
            "tests"
        ]
    );
    assert_eq!(ann["schema"], "classroom50/result/v1");
    assert_eq!(ann["classroom"], "sockets");
    assert_eq!(ann["review"], "https://example.com/c");
    assert_eq!((&ann["score"], &ann["max-score"]), one_of_all);
    let datetime = ann["datetime"].as_str().expect("a text");
    let shape: String = datetime
        .chars()
        .map(|letter| if letter.is_ascii_digit() { '9' } else { letter })
        .collect();
    assert_eq!(shape, "9999-99-99T99:99:99Z");
    let expected = serde_json::json!([
        {"test-name": ECHO, "passed": false, "score": 1, "max-score": of}
    ]);
    assert_eq!(ann["tests"], expected);
}

#[test]
fn ctrl_c_ends_it_at_once_and_it_is_continued_from_there() {
    let _alone = alone();
    let class = Class::new();
    class.hands_in("ann", ECHO, &wrong("one-recv"));
    class.hands_in("ben", ECHO, "tests/exercises/hostile/never_ends.rs");
    let output = class.folder().join("points.csv");
    let place = output.to_str().expect("a name in UTF-8");
    // Once before, so that only the checker's deadline is left to wait for.
    class.graded(&["--exercise", ECHO]).code(0);
    let args = ["--exercise", ECHO, "--format", "csv", "--output", place];
    let grade = class.grade(&[&args[..], &["--jobs", "1"]].concat()).start();
    grade.complains("ann");
    tests::until_within(tests::ANSWER, "the first is written", || {
        output.exists().then_some(())
    });
    grade.interrupt();
    let ended = grade.ends();
    ended.code(1);
    let words =
        "\nerror: stopped: 1 students are missing\nhint: the same with --continue";
    assert!(ended.stderr.contains(words), "{ended:#?}");
    let rows = || {
        let text = fs::read_to_string(&output).expect("it");
        let names = text
            .lines()
            .skip(1)
            .map(|row| row.split(',').next().map(str::to_string));
        names.flatten().collect::<Vec<_>>()
    };
    assert_eq!(rows(), ["ann"]);
    // Neither does ben's program hang any more, nor is ann's checked again.
    class.hands_in("ben", ECHO, &wrong("text"));
    let ended = class.graded(&[&args[..], &["--continue"]].concat());
    assert!(ended.code(0).stderr.contains("seed 7\n"), "{ended:#?}");
    assert_eq!(rows(), ["ann", "ben"]);
    let journal = fs::read_to_string(target_folder().join("grade/journal")).expect("it");
    assert_eq!(journal.lines().count(), 3, "{journal}");
}

/// A wrong answer of the checker's room.
fn wrong(name: &str) -> String {
    format!("exercises/06-forever-loop/{ECHO}/wrong/{name}.rs")
}

#[test]
fn work_that_nobody_has_done_is_no_point() {
    let _alone = alone();
    let class = Class::new();
    let repair = "impatient-client";
    let start = root().join(format!("exercises/06-forever-loop/{repair}/start.rs"));
    let start = fs::read_to_string(start).expect("it");
    class.writes("ann", repair, &format!("{start}// Mine.\n"));
    class.writes("ben", repair, &format!("\u{feff}{start}"));
    class.hands_in(
        "cem",
        repair,
        &format!("exercises/06-forever-loop/{repair}/solution.rs"),
    );
    let ended = class.graded(&["--exercise", repair]);
    ended.code(0);
    assert_eq!(row(&ended, "ann")[1..3], ["0/5", "0/1"], "{ended:#?}");
    assert_eq!(row(&ended, "ben")[1..], ["0/5", "0/1", "1", "unchanged"]);
    assert_eq!(row(&ended, "cem")[1..], ["5/5", "1/1"]);
}

#[test]
fn what_lies_beside_the_work_or_has_nearly_its_name_is_told() {
    let _alone = alone();
    let class = Class::new();
    for name in ["half_close_echo", "half-close-echo (1)"] {
        class.hands_in("ann", name, &wrong("text"));
    }
    class.hands_in("ben", ECHO, &wrong("text"));
    class.hands_in("ben/new", ECHO, &wrong("one-recv"));
    class.student("__MACOSX");
    for loose in ["dan.zip", "eve_half-close-echo.rs"] {
        fs::write(class.folder().join("class").join(loose), "").expect("written");
    }
    let ben = class.student("ben");
    std::os::unix::fs::symlink(ben, class.folder().join("class/zoe")).expect("a link");
    let ended = class.graded(&["--exercise", ECHO]);
    ended.code(0);
    assert!(ended.stderr.contains("Students: 2,"), "{ended:#?}");
    for words in [
        "dan.zip is no student's folder",
        "eve_half-close-echo.rs is no student's folder",
        "zoe is the folder of ben, and counts once",
        "note: half-close-echo.rs was graded, and not new/half-close-echo.rs",
    ] {
        assert!(ended.stderr.contains(words), "{words}: {ended:#?}");
    }
    let near = "there are half-close-echo (1).rs, half_close_echo.rs: was that meant for";
    assert!(
        ended.stdout.contains("Notes\n  ann: there are"),
        "{ended:#?}"
    );
    let ended = class.graded(&["--exercise", ECHO, "--format", "junit"]);
    assert!(ended.code(0).stdout.contains(near), "{ended:#?}");
}

#[test]
fn the_teacher_sees_what_is_late_what_is_the_same_and_where_most_fail() {
    let _alone = alone();
    let class = Class::new();
    let text = fs::read_to_string(root().join(wrong("one-recv"))).expect("it");
    class.writes("ann", ECHO, &text);
    class.writes(
        "ben",
        ECHO,
        &format!("//! By ben.\n{}", text.replace('\n', "\r\n")),
    );
    class.hands_in("cem", ECHO, &solution_of(exercise(ECHO)));
    let day = std::time::Duration::from_secs(86_400);
    let due = std::time::UNIX_EPOCH + day * 365;
    for (student, days) in [("ann", 0), ("ben", 4), ("cem", 0)] {
        let file = class.student(student).join("half-close-echo.rs");
        let file = fs::File::options().append(true).open(file).expect("it");
        file.set_modified(due + day * days).expect("dated");
    }
    let feedback = class.folder().join("feedback");
    let place = feedback.to_str().expect("a name in UTF-8");
    let ended = class.graded(&[
        "--exercise",
        ECHO,
        "--due",
        "1971-01-01 00:00",
        "--feedback",
        place,
    ]);
    ended.code(0);
    for words in [
        "Where most fail\n  half-close-echo: 2 at step 4, \"what was sent in pieces",
        "Late\n  ben: half-close-echo by 4 days\n",
        "The same answers\n  half-close-echo: ann, ben\n",
    ] {
        assert!(ended.stdout.contains(words), "{words}: {}", ended.stdout);
    }
    let read = |name: &str| fs::read_to_string(feedback.join(name)).expect(name);
    let ben = read("ben.txt");
    for words in [
        &format!("ben: 2 of {} points", points()),
        "late: half-close-echo by 4 days",
        "likely ",
    ] {
        assert!(ben.contains(words), "{words}: {ben}");
    }
    // Who has the same is for the teacher alone.
    assert!(!ben.contains("ann"), "{ben}");
    let all = format!("{0} of {0} points, 1 of 1 exercises passed", points());
    assert!(read("cem.txt").contains(&all));
    let ended = class.graded(&["--exercise", ECHO, "--continue", "--format", "steps"]);
    let rows: Vec<_> = ended.code(0).stdout.lines().collect();
    assert!(
        rows[3].ends_with(",3,3,3") && rows[4].ends_with(",3,3,1"),
        "{rows:#?}"
    );
}

fn exercise(name: &str) -> &'static checker::Exercise {
    exercises::all().find(|one| one.name == name).expect(name)
}

#[test]
fn a_wrong_command_line_is_exit_code_2_and_help_is_told() {
    let class = Class::new();
    for name in ["ann", "ben"] {
        class.student(name);
    }
    let other = class.folder().join("another/ann");
    fs::create_dir_all(&other).expect("made");
    let other = other.to_str().expect("a name in UTF-8");
    for args in [
        &["--format", "pdf"][..],
        &["--exercise", "half-close-eco"],
        &["--lesson", "99"],
        &["--format", "gradescope"],
        &[other],
        &["--sed"],
    ] {
        let ended = class.graded(args);
        ended.code(2);
        assert!(ended.stderr.contains("\nhint: "), "{ended:#?}");
    }
    let help = class.graded(&["--help"]);
    assert!(help.code(0).stdout.contains("usage: cargo run -- grade"));
}

/// Without a sandbox nothing is hidden, and nothing contained.
fn sandboxed() -> bool {
    #[cfg(target_os = "linux")]
    return tests::namespace::allowed();
    #[cfg(not(target_os = "linux"))]
    false
}

#[test]
fn what_did_not_change_is_not_compiled_again() {
    let _alone = alone();
    let class = Class::new();
    class.hands_in(
        "ann",
        ECHO,
        &format!("exercises/06-forever-loop/{ECHO}/solution.rs"),
    );
    class.graded(&["--exercise", ECHO]).code(0);
    let dates = || -> Vec<_> {
        let date = |path: &PathBuf| path.metadata().ok()?.modified().ok();
        let mut dates: Vec<_> = kept().iter().filter_map(date).collect();
        dates.sort();
        dates
    };
    let before = dates();
    assert!(!before.is_empty());
    class.graded(&["--exercise", ECHO]).code(0);
    assert_eq!(before, dates());
}

/// The compilers that work on an answer to this exercise.
#[cfg(target_os = "linux")]
fn compilers() -> usize {
    let processes = fs::read_dir("/proc").expect("/proc").flatten();
    let lines = processes.map(|entry| fs::read(entry.path().join("cmdline")));
    let crate_name = format!("\0--crate-name\0{}\0", ECHO.replace('-', "_"));
    let ours = format!("{}/grade/bench", target_folder().display());
    lines
        .flatten()
        .filter(|line| {
            let line = String::from_utf8_lossy(line);
            line.contains(&crate_name) && line.contains(&ours)
        })
        .count()
}

#[test]
#[cfg(target_os = "linux")]
fn ctrl_c_ends_the_compiler_too_where_there_is_no_sandbox() {
    let _alone = alone();
    if !sandboxed() {
        return;
    }
    let class = Class::new();
    class.student("ann");
    class.hands_in(
        "ann",
        ECHO,
        &format!("exercises/06-forever-loop/{ECHO}/solution.rs"),
    );
    // Once before, so that what it depends on is there.
    class.graded(&["--exercise", ECHO]).code(0);
    // The compiler reads it until nobody can write into it any more.
    let pipe = class.folder().join("pipe");
    let mode = nix::sys::stat::Mode::S_IRUSR | nix::sys::stat::Mode::S_IWUSR;
    nix::unistd::mkfifo(&pipe, mode).expect("a pipe with a name");
    let endless = format!("const _: &str = include_str!({pipe:?});\nfn main() {{}}\n");
    class.writes("ann", ECHO, &endless);
    let grade = class.grade(&["--exercise", ECHO]);
    let no_sandbox = "echo 0 > /proc/sys/user/max_user_namespaces";
    let grade = tests::namespace::with_files(grade, no_sandbox).start();
    // Without a reader it is not opened (fifo(7)).
    let mut writer = fs::File::options();
    let at_once = nix::fcntl::OFlag::O_NONBLOCK.bits();
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut writer, at_once).write(true);
    let read = || writer.open(&pipe).ok();
    let _writer = tests::until_within(tests::WHOLE, "the compiler reads", read);
    assert_eq!(compilers(), 1);
    grade.interrupt();
    let ended = grade.ends();
    let words = &ended.code(1).stderr;
    assert!(words.contains("allows no sandbox"), "{ended:#?}");
    let none = || (compilers() == 0).then_some(());
    tests::until_within(tests::ANSWER, "no compiler is left", none);
}
