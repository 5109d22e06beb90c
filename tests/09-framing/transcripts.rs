//! The runs of the two chapters 09.

use std::net::SocketAddr;

use tempfile::TempDir;
use tests::{Program, Terminal, Transcript, tool};

/// What stands in the book for the token of the run.
const TOKEN: &str = "5f3a9c0de1b24786a7d8f0c3b5e69124";

fn run(name: &str) -> Transcript {
    let transcript = Transcript::new("09-framing", name);
    transcript.mask(r"\b[0-9a-f]{32}\b", TOKEN);
    // The kernel decides, and it differs from run to run.
    transcript.mask(r"it came in \d+ recvs", "it came in 19 recvs");
    transcript
}

#[test]
fn the_run_that_shows_the_sticking() {
    run("sticking").of_one("cargo run -p framing", Program::of("framing"), 0);
}

#[test]
fn the_run_of_framed_client_with_its_practice_server() {
    let shown = "cargo run -p framing --bin framed-client";
    run("framed-practice").of_one(shown, Program::of("framed-client"), 0);
}

fn framed_server(transcript: &Transcript) -> (Terminal, SocketAddr) {
    let program = Program::of("framed-server").args(["127.0.0.1:0"]);
    let shown = "cargo run -p framing --bin framed-server";
    let mut server = transcript.start("server", shown, program);
    let address = server.listens(9000);
    server.prints("try: ");
    (server, address)
}

#[cfg(unix)]
#[test]
fn the_run_of_the_framed_pair() {
    let transcript = run("framed");
    let (mut server, address) = framed_server(&transcript);
    let mut client = transcript.start(
        "client",
        "cargo run -p framing --bin framed-client -- 127.0.0.1:9000 --message Ada \
         --message ''",
        Program::of("framed-client")
            .args([address.to_string()])
            .args(["--message", "Ada", "--message", ""]),
    );
    client.closes_keyboard();
    client.ends(0);
    server.presses_ctrl_c();
    server.ends(0);
    transcript.check();
}

/// A step of a server's ladder, in a terminal of its own.
fn step(transcript: &Transcript, name: &str) -> (Terminal, SocketAddr) {
    let program = Program::of(name).args(["127.0.0.1:0"]);
    let shown = format!("cargo run -p framing --bin {name}");
    let mut server = transcript.start("server", &shown, program);
    let address = server.listens(9000);
    (server, address)
}

/// A step of remote-client, which asks at once for the first command.
fn client_step(transcript: &Transcript, name: &str, address: SocketAddr) -> Terminal {
    let program = Program::of(name).args([address.to_string()]);
    let shown = format!("cargo run -p framing --bin {name}");
    let mut client = transcript.start("client", &shown, program);
    client.prints(">>: ");
    client
}

#[cfg(target_os = "linux")]
#[test]
fn the_rest_of_an_answer_is_taken_for_the_next_one() {
    let transcript = run("remote-1");
    let (mut server, address) = step(&transcript, "remote-server-1");
    let mut client = client_step(&transcript, "remote-client-1", address);
    for line in ["uname", "seq 1000 | fmt", "echo hi"] {
        client.types(line);
        server.prints(&format!("runs {line}\n"));
        client.prints(">>: ");
    }
    client.presses_ctrl_d();
    client.ends(0);
    server.ends(1); // it is reset: the client has closed with unread bytes
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn with_the_length_in_front_each_prompt_has_its_own_answer() {
    let transcript = run("remote-2");
    let (mut server, address) = step(&transcript, "remote-server-2");
    let mut client = client_step(&transcript, "remote-client-2", address);
    for line in ["seq 1000 | fmt | tail -n 2", "echo hi"] {
        client.types(line);
        server.prints(&format!("runs {line}\n"));
        client.prints(">>: ");
    }
    client.presses_ctrl_d();
    client.ends(0);
    server.ends(0);
    transcript.check();
}

/// How many bytes step 2 or 3 of the client prints for these commands.
fn long_answer(transcript: Transcript, number: u8, lines: &str) -> Option<usize> {
    let bash = tests::find_tool("bash")?;
    let (client, server) = (
        format!("remote-client-{number}"),
        format!("remote-server-{number}"),
    );
    let (mut server, address) = step(&transcript, &server);
    let pipe = |program: &str| format!("printf '{lines}' | {program} | wc -c");
    let path = Program::of(&client).path();
    let real = pipe(&format!("{} {address}", path.display()));
    let shown = pipe(&format!("cargo run -p framing --bin {client}"));
    let program = Program::at(bash).args(["-c", &real]);
    let mut terminal = transcript.start("client", &shown, program);
    let count = terminal.prints("\n");
    terminal.ends(0);
    server.prints("runs seq");
    match number {
        2 => server.ends_unshown(1), // a reset, seen while it reads or while it writes
        _ => server.ends(1),
    }
    transcript.check();
    count.trim().parse().ok()
}

#[cfg(target_os = "linux")]
#[test]
fn one_recv_with_room_for_all_of_it_brings_a_part() {
    let transcript = run("remote-2-long");
    // How much has come by then is the kernel's affair.
    transcript.mask(r"(?m)^\d{4,6}$", "65491");
    if let Some(count) = long_answer(transcript, 2, r"seq 100000\n") {
        assert!(count < 588_903, "{count}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn read_exact_brings_all_of_it_and_does_not_wait_for_no_bytes() {
    if let Some(count) = long_answer(run("remote-3-long"), 3, r"true\nseq 100000\n") {
        assert_eq!(count, 588_895 + 12, "three prompts, and the answer");
    }
}

/// A program in Python of the lesson; its port 9000 is the server's.
fn python(transcript: &Transcript, name: &str, address: SocketAddr) -> Option<Terminal> {
    let python3 = tests::find_tool("python3")?;
    let file = format!("lessons/09-framing/peers/{name}.py");
    let program = std::fs::read_to_string(tests::root().join(&file)).expect("a program");
    let program = program.replace("9000", &address.port().to_string());
    let program = Program::at(python3).args(["-c", &program]);
    Some(transcript.start("stranger", &format!("python3 {file}"), program))
}

#[cfg(target_os = "linux")]
#[test]
fn a_length_of_four_gigabytes_ends_the_first_step_for_all() {
    let bash = tool!("bash");
    tool!("nc.openbsd");
    let transcript = run("framed-1-bomb");
    let path = Program::of("framed-server-1").path();
    // Through cat, because the shell says the process id of what is aborted.
    let real = format!(
        "ulimit -v 1000000; {} 127.0.0.1:0 2>&1 | cat",
        path.display()
    );
    let program = Program::at(bash).args(["-c", &real]);
    let program = program.without_env("RUST_BACKTRACE");
    let shown = "(ulimit -v 1000000; cargo run -p framing --bin framed-server-1)";
    let mut server = transcript.start("server", shown, program);
    let address = server.listens(9000);
    bomb(&transcript, address).ends(0);
    server.ends(0);
    transcript.check();
}

fn bomb(transcript: &Transcript, address: SocketAddr) -> Terminal {
    let bomb = r"printf '\377\377\377\377' | nc -N 127.0.0.1 9000";
    stranger(transcript, bomb, address)
}

#[cfg(target_os = "linux")]
#[test]
fn the_second_step_refuses_it_before_it_takes_memory() {
    tool!("nc.openbsd");
    let transcript = run("framed-2-bomb");
    let (mut server, address) = step(&transcript, "framed-server-2");
    bomb(&transcript, address).ends(0);
    server.prints("has left");
    server.presses_ctrl_c();
    server.ends_by_signal();
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn a_dripping_client_never_meets_the_timeout_of_a_recv() {
    let transcript = run("framed-2-drips");
    let (mut server, address) = step(&transcript, "framed-server-2");
    let Some(client) = python(&transcript, "drips", address) else {
        return;
    };
    client.ends(0);
    server.prints("has left");
    server.presses_ctrl_c();
    server.ends_by_signal();
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn the_deadline_of_a_whole_frame_ends_a_dripping_client() {
    let transcript = run("framed-3-drips");
    let (mut server, address) = step(&transcript, "framed-server-3");
    let Some(client) = python(&transcript, "drips", address) else {
        return;
    };
    server.prints("has left");
    client.ends(0);
    server.presses_ctrl_c();
    server.ends_by_signal();
    transcript.check();
}

// The second chapter.

/// A folder with one file, for a server that might do anything in it.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let notes = folder.path().join("notes.txt");
    std::fs::write(notes, "the password is swordfish\n").expect("a file to look at");
    folder
}

#[cfg(target_os = "linux")]
#[test]
fn what_a_browser_sends_is_run_by_the_first_step() {
    tool!("curl");
    let transcript = run("remote-1-browser");
    transcript.mask(r"curl/[\d.]+", "curl/8.14.1");
    let folder = folder();
    let program = Program::of("remote-server-1").args(["127.0.0.1:0"]);
    let program = program.in_folder(folder.path());
    let shown = "cargo run -p framing --bin remote-server-1";
    let mut server = transcript.start("server", shown, program);
    let address = server.listens(9000);
    let command =
        "curl --silent --max-time 1 --data 'touch broken-in' http://127.0.0.1:9000/";
    stranger(&transcript, command, address).ends(28);
    server.prints("touch broken-in\n");
    server.ends(0);
    let list = Program::at("/bin/ls").in_folder(folder.path());
    let list = transcript.start("server", "ls", list);
    list.ends(0);
    transcript.check();
}

/// A step of remote-server that prints a token, in a folder with one file.
fn token_step(
    transcript: &Transcript,
    name: &str,
) -> (Terminal, SocketAddr, String, TempDir) {
    let folder = folder();
    let program = Program::of(name).args(["127.0.0.1:0"]);
    let shown = format!("cargo run -p framing --bin {name}");
    let program = program.in_folder(folder.path());
    let mut server = transcript.start("server", &shown, program);
    let address = server.listens(9000);
    let token = token_of(&mut server);
    (server, address, token, folder)
}

/// The token that a server prints after its address.
fn token_of(server: &mut Terminal) -> String {
    server.prints("token: ");
    tests::until("the whole token", || {
        let printed = String::from_utf8(server.program().printed()).expect("text");
        let token = printed.split("token: ").nth(1)?;
        let (token, _) = token.split_once('\n')?;
        Some(token.to_string())
    })
}

/// remote-client-4 with a token.
fn client_4(transcript: &Transcript, address: SocketAddr, token: &str) -> Terminal {
    let shown =
        format!("REMOTE_TOKEN={TOKEN} cargo run -p framing --bin remote-client-4");
    let program = Program::of("remote-client-4").args([address.to_string()]);
    let program = program.env("REMOTE_TOKEN", token);
    let mut client = transcript.start("client", &shown, program);
    client.prints(">>: ");
    client
}

#[cfg(target_os = "linux")]
#[test]
fn the_fourth_step_serves_who_knows_the_token_and_a_shell_runs_the_line() {
    let transcript = run("remote-4");
    let (mut server, address, token, _folder) =
        token_step(&transcript, "remote-server-4");
    let shown = "REMOTE_TOKEN=guess cargo run -p framing --bin remote-client-4";
    let program = Program::of("remote-client-4").args([address.to_string()]);
    let program = program.env("REMOTE_TOKEN", "guess");
    let mut guess = transcript.start("stranger", shown, program);
    server.prints("wrong token\n");
    guess.prints(">>: ");
    guess.presses_ctrl_d();
    guess.ends(0);
    let mut client = client_4(&transcript, address, &token);
    client.types("echo hi; cat notes.txt");
    server.prints("runs echo");
    client.prints(">>: ");
    client.presses_ctrl_d();
    client.ends(0);
    server.prints("has left");
    server.presses_ctrl_c();
    server.ends_by_signal();
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn the_fifth_step_runs_programs_of_a_list_without_a_shell() {
    let transcript = run("remote-5");
    let (mut server, address, token, _folder) =
        token_step(&transcript, "remote-server-5");
    let mut client = client_4(&transcript, address, &token);
    for line in ["echo hi; cat notes.txt", "cat notes.txt", "ls"] {
        client.types(line);
        server.prints(&format!("runs {line}\n"));
        client.prints(">>: ");
    }
    client.presses_ctrl_d();
    client.ends(0);
    server.prints("has left");
    server.presses_ctrl_c();
    server.ends_by_signal();
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn the_fifth_step_listens_wherever_it_is_told_to() {
    let transcript = run("remote-5-public");
    let program = Program::of("remote-server-5").args(["0.0.0.0:0"]);
    let shown = "cargo run -p framing --bin remote-server-5 -- 0.0.0.0:9000";
    let mut server = transcript.start("server", shown, program);
    server.listens(9000);
    server.prints("token: ");
    server.presses_ctrl_c();
    server.ends_by_signal();
    transcript.check();
}

#[test]
fn the_sixth_step_listens_on_this_machine_only() {
    let program = Program::of("remote-server-6").args(["0.0.0.0:9000"]);
    let shown = "cargo run -p framing --bin remote-server-6 -- 0.0.0.0:9000";
    run("remote-6-public").of_one(shown, program, 1);
}

#[cfg(target_os = "linux")]
#[test]
fn the_sixth_step_waits_for_a_command_whose_client_has_gone() {
    let bash = tool!("bash");
    let transcript = run("remote-6-sleep");
    transcript.mask(r"\b[123]\.\d s", "2.9 s");
    let (mut server, address, token, _folder) =
        token_step(&transcript, "remote-server-6");
    let mut client = client_4(&transcript, address, &token);
    client.types("sleep 3");
    server.prints("runs sleep 3\n");
    client.presses_ctrl_c();
    client.ends_by_signal();
    let pipe = |token: &str, program: &str| {
        format!(
            "TIMEFORMAT='%1R s'; time (echo 'echo hi' | REMOTE_TOKEN={token} {program})"
        )
    };
    let path = Program::of("remote-client-4").path();
    let real = pipe(&token, &format!("{} {address}", path.display()));
    let shown = pipe(TOKEN, "cargo run -p framing --bin remote-client-4");
    let program = Program::at(bash).args(["-c", &real]);
    let mut two = transcript.start("two", &shown, program);
    let waited = two.prints(" s\n");
    two.ends(0);
    server.prints("has left"); // the first, whose command has ended now
    server.prints("runs echo hi\n");
    server.prints("has left");
    server.presses_ctrl_c();
    server.ends_by_signal();
    transcript.check();
    assert!(!waited.contains(" 0."), "it waits for the sleep: {waited}");
}

#[cfg(target_os = "linux")]
#[test]
fn the_seventh_step_kills_it_when_its_time_is_over_or_its_client_has_gone() {
    let transcript = run("remote-7");
    // Whether its kernel has answered our last frame already.
    let reset = r"Connection reset by peer \(os error 104\)";
    transcript.mask(reset, "Broken pipe (os error 32)");
    let (mut server, address, token, _folder) =
        token_step(&transcript, "remote-server-7");
    let mut one = remote_client(&transcript, address, &token);
    for (line, said) in [("ls nowhere", "exit code"), ("sleep 5", "killed")] {
        one.types(line);
        server.prints(&format!("runs {line}\n"));
        one.prints(said);
        one.prints(">>: ");
    }
    one.types("sleep 5");
    server.prints("runs sleep 5\n");
    one.presses_ctrl_c();
    one.ends(0);
    server.prints("is let go");
    server.presses_ctrl_c();
    server.ends_by_signal();
    transcript.check();
}

/// Starts a shell command of a stranger, and shows it with the lesson's own port.
fn stranger(transcript: &Transcript, command: &str, address: SocketAddr) -> Terminal {
    let real = command.replace("9000", &address.port().to_string());
    let program = Program::at("/bin/sh").args(["-c", &real]);
    let mut terminal = transcript.start("stranger", command, program);
    terminal.closes_keyboard();
    terminal
}

#[cfg(unix)]
#[test]
fn the_run_with_a_length_bomb_and_half_a_frame() {
    tool!("nc.openbsd");
    let transcript = run("length-bomb");
    let (mut server, address) = framed_server(&transcript);
    let bomb = r"printf '\377\377\377\377' | nc -N 127.0.0.1 9000 | tail -c +5";
    stranger(&transcript, bomb, address).ends(0);
    server.prints("let go");
    let half = r"printf '\000\000\000\007Mich' | nc -N 127.0.0.1 9000 | tail -c +5";
    stranger(&transcript, half, address).ends(0);
    server.prints("let go");
    server.presses_ctrl_c();
    server.ends(0);
    transcript.check();
}

/// remote-server in a folder with one file, what it prints at its start, and the token.
fn remote_server(
    transcript: &Transcript,
    args: &[&str],
) -> (Terminal, SocketAddr, String, TempDir) {
    let program = Program::of("remote-server")
        .args(["127.0.0.1:0"])
        .args(args);
    let folder = folder();
    let mut shown = "cargo run -p framing --bin remote-server".to_string();
    if !args.is_empty() {
        shown += &format!(" -- {}", args.join(" "));
    }
    let mut server = transcript.start("server", &shown, program.in_folder(folder.path()));
    let address = server.listens(9000);
    let token = token_of(&mut server);
    server.prints("try: ");
    (server, address, token, folder)
}

fn remote_client(transcript: &Transcript, address: SocketAddr, token: &str) -> Terminal {
    let shown = format!(
        "REMOTE_TOKEN={TOKEN} cargo run -p framing --bin remote-client -- 127.0.0.1:9000"
    );
    let program = Program::of("remote-client").args([address.to_string()]);
    let program = program.env("REMOTE_TOKEN", token);
    let mut client = transcript.start("client", &shown, program);
    client.prints(">>: ");
    client
}

#[cfg(target_os = "linux")]
#[test]
fn the_run_of_the_remote_pair() {
    let transcript = run("remote");
    let (mut server, address, token, _folder) = remote_server(&transcript, &[]);
    let mut client = remote_client(&transcript, address, &token);
    for (line, name) in [
        ("uname", "uname"),
        ("ls", "ls"),
        ("ls nowhere", "ls"),
        ("echo hi; touch broken-in | cat $HOME", "echo"),
        ("cat notes.txt", ""),
    ] {
        client.types(line);
        if !name.is_empty() {
            server.prints(&format!(" runs {name} "));
        }
        client.prints(">>: ");
    }
    client.types("exit");
    client.ends(0);
    server.presses_ctrl_c();
    server.ends(0);
    transcript.check();
}

#[cfg(unix)]
#[test]
fn the_run_with_a_wrong_token() {
    let transcript = run("wrong-token");
    let (mut server, address, _, _folder) = remote_server(&transcript, &[]);
    let shown =
        "cargo run -p framing --bin remote-client -- 127.0.0.1:9000 --token guess";
    let program = Program::of("remote-client").args([address.to_string()]);
    let client = transcript.start("client", shown, program.args(["--token", "guess"]));
    client.ends(1);
    server.prints("wrong token");
    server.presses_ctrl_c();
    server.ends(0);
    transcript.check();
}

#[cfg(unix)]
#[test]
fn the_run_with_a_browsers_get() {
    tool!("curl");
    let transcript = run("get");
    let (mut server, address, _, _folder) = remote_server(&transcript, &[]);
    let curl = "curl --silent --show-error http://127.0.0.1:9000/";
    stranger(&transcript, curl, address).ends(1);
    server.prints("let go");
    server.presses_ctrl_c();
    server.ends(0);
    transcript.check();
}

#[cfg(target_os = "linux")]
#[test]
fn the_run_that_shows_what_an_allowed_program_can_do() {
    let transcript = run("date");
    let (mut server, address, token, _folder) =
        remote_server(&transcript, &["--allow", "date"]);
    let mut client = remote_client(&transcript, address, &token);
    // Which quotation marks it takes is date's own affair.
    transcript.mask("[‘'](the password is swordfish)[’']", "‘$1’");
    client.types("date -u -d @0 +%F");
    server.prints("+%F");
    client.prints(">>: ");
    client.types("date -f notes.txt");
    server.prints("notes.txt");
    client.prints(">>: ");
    client.presses_ctrl_d();
    client.ends(0);
    server.presses_ctrl_c();
    server.ends(0);
    transcript.check();
}

#[cfg(unix)]
#[test]
fn the_run_that_takes_too_long() {
    let transcript = run("time-limit");
    let args = ["--allow", "sleep", "--time-limit", "1"];
    let (mut server, address, token, _folder) = remote_server(&transcript, &args);
    let mut client = remote_client(&transcript, address, &token);
    client.types("sleep 60");
    server.prints("runs sleep");
    client.prints(">>: ");
    client.types("exit");
    client.ends(0);
    server.presses_ctrl_c();
    server.ends(0);
    transcript.check();
}

#[test]
fn the_run_of_remote_client_with_its_practice_server() {
    for (name, shown, args) in [
        (
            "gbk",
            "cargo run -p framing --bin remote-client -- --encoding gbk",
            "gbk",
        ),
        (
            "not-utf-8",
            "cargo run -p framing --bin remote-client",
            "utf-8",
        ),
    ] {
        let transcript = run(name);
        let program = Program::of("remote-client").args(["--encoding", args]);
        let mut client = transcript.start("", shown, program);
        client.prints(">>: ");
        for line in ["nihao", "count 2", "fail"] {
            client.types(line);
            client.prints(">>: ");
        }
        client.presses_ctrl_d();
        client.ends(0);
        transcript.check();
    }
}

#[cfg(unix)]
#[test]
fn the_run_with_control_characters() {
    let transcript = run("escapes");
    let (mut server, address, token, _folder) =
        remote_server(&transcript, &["--allow", "printf"]);
    let mut client = remote_client(&transcript, address, &token);
    client.types(r"printf 'gone\033[2Jand \033[31mred\n'");
    server.prints("runs printf");
    client.prints(">>: ");
    client.types("exit");
    client.ends(0);
    server.presses_ctrl_c();
    server.ends(0);
    transcript.check();
}

#[test]
fn the_runs_that_are_refused_before_they_begin() {
    let shown = "cargo run -p framing --bin remote-server -- 0.0.0.0:9000";
    let program = Program::of("remote-server").args(["0.0.0.0:9000"]);
    run("public").of_one(shown, program, 2);
    let shown = "cargo run -p framing --bin remote-server -- --allow 'date +%F'";
    let program = Program::of("remote-server").args(["--allow", "date +%F"]);
    run("allow").of_one(shown, program, 2);
    let shown = "cargo run -p framing --bin remote-client -- 127.0.0.1:9000";
    let program = Program::of("remote-client").args(["127.0.0.1:9000"]);
    run("no-token").of_one(shown, program, 2);
}

#[test]
fn the_run_with_a_port_in_use() {
    let server = crate::Server::framed(&[]);
    let transcript = run("in-use");
    transcript.port(server.address.port(), 9000);
    let program = Program::of("remote-server").args([server.address.to_string()]);
    transcript.of_one("cargo run -p framing --bin remote-server", program, 1);
}
