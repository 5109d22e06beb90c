//! The pages around the lessons: their pictures, and what they say of the course itself.

use std::fs;

use tests::{Program, Transcript};

use crate::tables::read;

fn transcript(name: &str) -> Transcript {
    Transcript::in_room("tests/appendix", name)
}

/// The guide, with a progress file of its own in this folder.
fn guide(folder: &tempfile::TempDir, args: &[&str]) -> Program {
    let progress = folder.path().join("progress");
    let progress = progress.to_str().expect("a name in UTF-8");
    Program::of("course")
        .args(args)
        .env("COURSE_PROGRESS", progress)
}

#[test]
fn the_map() {
    let folder = tempfile::tempdir().expect("a folder");
    transcript("map").of_one("cargo run", guide(&folder, &[]), 0);
}

#[test]
fn a_lesson_that_is_ticked() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = guide(&folder, &["done", "03"]);
    transcript("done").of_one("cargo run -- done 03", program, 0);
}

/// A wrong answer, and what the checker says of it. The seed makes it say the same again.
#[cfg(all(target_os = "linux", answers))]
#[test]
fn a_check_that_fails() {
    if !tests::namespace::allowed() {
        return; // without a sandbox the port of a check is another one each time
    }
    tests::tool!("python3");
    tests::tool!("strace"); // where it is missing there is no picture, and no word of it
    let folder = tempfile::tempdir().expect("a folder");
    let mine = "exercises/06-forever-loop/half-close-echo/wrong/mine.py";
    let mine = tests::root().join(mine);
    fs::copy(mine, folder.path().join("mine.py")).expect("copied");
    let typed = "cargo run -- check half-close-echo --seed 7 --command 'python3 mine.py'";
    let args = [
        "check",
        "half-close-echo",
        "--seed",
        "7",
        "--command",
        "python3 mine.py",
    ];
    drop(Program::of("trainer")); // built before, so that cargo has nothing to say
    let program = guide(&folder, &args).in_folder(folder.path());
    transcript("check").of_one(typed, program, 1);
}

/// Two terminals, and the bytes that go from one to the other.
#[cfg(target_os = "linux")]
#[test]
fn the_bytes_of_a_message() {
    use tests::{kernel, tool};
    let nc = tool!("nc.openbsd");
    // Below the ports that the kernel gives away by itself, and another one in each
    // process: nc cannot ask for just any free port.
    let port = 20_000 + u16::try_from(std::process::id() % 10_000).expect("a port");
    let transcript = transcript("bytes");
    transcript.port(port, 8888);
    let script = format!("{} -l 127.0.0.1 {port} | od -A n -t x1", nc.display());
    let mut left = transcript.start(
        "left",
        "nc -l 127.0.0.1 8888 | od -A n -t x1",
        Program::at("/bin/sh").args(["-c", &script]),
    );
    tests::until("nc listens", || {
        let all = kernel::tcp_sockets_on(port);
        all.iter()
            .any(|row| row.state == kernel::LISTEN)
            .then_some(())
    });
    let program = Program::at(nc).args(["-N", "127.0.0.1", &port.to_string()]);
    let mut right = transcript.start("right", "nc -N 127.0.0.1 8888", program);
    right.types("Hi, é!");
    right.presses_ctrl_d();
    left.prints("0a");
    right.ends(0);
    left.closes_keyboard();
    left.ends(0);
    transcript.check();
}

#[test]
fn every_picture_is_shown() {
    let pages = [
        "introduction",
        "how-to-use",
        "for-a-class",
        "appendix-python-c-rust",
    ]
    .map(|page| read(&format!("docs/{page}.md")))
    .concat();
    for file in fs::read_dir(tests::root().join("tests/appendix/transcripts"))
        .expect("the pictures")
    {
        let file = file.expect("a file").file_name();
        let file = file.to_str().expect("UTF-8");
        if file.ends_with(".txt") {
            let include =
                format!("{{{{#include ../tests/appendix/transcripts/{file}}}}}");
            assert!(pages.contains(&include), "no page shows {file}");
        }
    }
}

#[test]
fn a_teacher_finds_the_time_that_every_chapter_says() {
    let page = read("docs/for-a-class.md");
    let entries = fs::read_dir(tests::root().join("docs")).expect("the chapters");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let names = names.map(|name| name.into_string().expect("UTF-8"));
    let mut count = 0;
    for name in names.filter(|name| name.starts_with(['0', '1']) && name.ends_with(".md"))
    {
        let minutes = minutes_of(&read(&format!("docs/{name}")));
        let row = format!("]({name}) | {minutes} |\n");
        assert!(page.contains(&row), "for-a-class.md has no {row}");
        count += 1;
    }
    assert!(count >= 20, "{count} chapters");
}

/// What stands behind `*Time: about ` at the head of a chapter.
fn minutes_of(chapter: &str) -> u32 {
    let (_, time) = chapter.split_once("*Time: about ").expect("its time");
    let time = time.split([',', '.']).next().unwrap_or_default();
    match time {
        "an hour" => 60,
        "two hours" | "2 hours" => 120,
        _ => time
            .strip_suffix(" minutes")
            .and_then(|minutes| minutes.parse().ok())
            .unwrap_or_else(|| panic!("{time} is no time")),
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_kernel_chooses_the_ports_of_clients_from_the_range_of_the_introduction() {
    let range = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range");
    let range: Vec<u16> = range
        .expect("proc(5)")
        .split_whitespace()
        .map(|number| number.parse().expect("a port"))
        .collect();
    if range == [32768, 60999] {
        let (_listener, address) = tests::peer::listener();
        let client = tests::peer::connect(address);
        let port = client.local_addr().expect("its address").port();
        assert!((32768..=60999).contains(&port), "{port}");
    } else {
        tests::skip(format!(
            "somebody has set this machine's range to {range:?}"
        ));
    }
}

#[test]
fn the_numbers_of_the_introduction_are_right() {
    assert_eq!("Hi, é!\n".len(), 8);
    assert_eq!("Hi, é!\n".chars().count(), 7);
    assert_eq!(
        "Hi, é!\n".as_bytes(),
        [0x48, 0x69, 0x2c, 0x20, 0xc3, 0xa9, 0x21, 0x0a]
    );
    let long: std::net::Ipv6Addr = "2001:0db8:0000:0000:0000:0000:0000:0001"
        .parse()
        .expect("an address");
    assert_eq!(long.to_string(), "2001:db8::1");
}
