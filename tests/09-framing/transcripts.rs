//! The pictures of chapter 09.

use std::net::SocketAddr;

use tempfile::TempDir;
use tests::{Program, Terminal, Transcript, tool};

/// What stands in the book for the token of the run.
const TOKEN: &str = "5f3a9c0de1b24786a7d8f0c3b5e69124";

fn picture(name: &str) -> Transcript {
    let transcript = Transcript::new("09-framing", name);
    transcript.mask(r"\b[0-9a-f]{32}\b", TOKEN);
    // The kernel decides, and it differs from run to run.
    transcript.mask(r"it came in \d+ recvs", "it came in 19 recvs");
    transcript
}

#[test]
fn the_run_that_shows_the_sticking() {
    picture("sticking").of_one("cargo run -p framing", Program::of("framing"), 0);
}

#[test]
fn the_run_of_framed_client_with_its_practice_server() {
    let shown = "cargo run -p framing --bin framed-client";
    picture("framed-practice").of_one(shown, Program::of("framed-client"), 0);
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
    let transcript = picture("framed");
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
    let transcript = picture("length-bomb");
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
    let folder = tempfile::tempdir().expect("a folder");
    let notes = folder.path().join("notes.txt");
    std::fs::write(notes, "the password is swordfish\n").expect("a file to look at");
    let mut shown = "cargo run -p framing --bin remote-server".to_string();
    if !args.is_empty() {
        shown += &format!(" -- {}", args.join(" "));
    }
    let mut server = transcript.start("server", &shown, program.in_folder(folder.path()));
    let address = server.listens(9000);
    server.prints("token: ");
    let printed = String::from_utf8(server.program().printed()).expect("text");
    let token = printed.split("token: ").nth(1).unwrap_or_default();
    let token = token.lines().next().unwrap_or_default().to_string();
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
    let transcript = picture("remote");
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
    let transcript = picture("wrong-token");
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
    let transcript = picture("get");
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
    let transcript = picture("date");
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
    let transcript = picture("time-limit");
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
        let transcript = picture(name);
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
    let transcript = picture("escapes");
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
    picture("public").of_one(shown, program, 2);
    let shown = "cargo run -p framing --bin remote-client -- 127.0.0.1:9000";
    let program = Program::of("remote-client").args(["127.0.0.1:9000"]);
    picture("no-token").of_one(shown, program, 2);
}

#[test]
fn the_run_with_a_port_in_use() {
    let server = crate::Server::framed(&[]);
    let transcript = picture("in-use");
    transcript.port(server.address.port(), 9000);
    let program = Program::of("remote-server").args([server.address.to_string()]);
    transcript.of_one("cargo run -p framing --bin remote-server", program, 1);
}
