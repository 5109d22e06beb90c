// ANCHOR: all
//! Lesson 15: looks into a mailbox by POP3: how many mails, how large, and about what.
//!
//!     cargo run -p mail
//!     MAIL_PASSWORD=... cargo run -p mail -- localhost:110 --user ada --seen seen.txt

use std::collections::HashMap;
use std::io::{self, ErrorKind::InvalidData};
use std::process::ExitCode;

use mail::{LineClient, Login, SeenFile, practice};
use mailparse::MailHeaderMap;
use shared::println;
use shared::{Args, Context, Error, exit_on_ctrl_c};

const HELP: &str = "\
Looks into a mailbox by POP3: prints the number of mails, their size, and each subject.

usage: mail [HOST:PORT] [--user NAME] [--seen FILE] [OPTION]...

  HOST:PORT          the server; without it, a practice server inside this program
  --user NAME        whose mailbox; password: MAIL_PASSWORD or --password-file FILE
  --seen FILE        list only what is not in this file, and note it there
  --quiet            print the list alone, without the dialogue
  --timeout SECONDS  how long to wait for each answer (60)

example: cargo run -p mail -- localhost:110 --user ada --seen seen.txt
";

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    exit_on_ctrl_c()?;
    let login = Login::or_practice(&args, "MAIL_PASSWORD", practice::USER)?;
    let seen = SeenFile::read(args.value("seen")?)?;
    let timeout = args.seconds("timeout", 60.0)?;
    let address = args.address_or_practice(practice::pop3)?;
    let mut server = LineClient::connect(&address, timeout)?;
    server.be_quiet(args.flag("quiet"));
    look(&mut server, &login, seen)
}

// ANCHOR: look
fn look(server: &mut LineClient, login: &Login, seen: SeenFile) -> shared::Result<()> {
    answer(server)?; // the server speaks first
    server.keep_secret(login.password())?; // fails when it is on another machine
    ask(server, &format!("USER {}", login.user))?;
    ask(server, &format!("PASS {}", login.password()))?;
    let all = ask(server, "STAT")?;
    let (count, size) = pair(&server.shown(all))?;
    let sizes = text(server, "LIST")?;
    let list = Some(text(server, "UIDL")).filter(|list| !refused(list));
    let list = list.transpose()?;
    if list.is_none() {
        println!("[a server without UIDL: every mail counts as unread]");
    }
    let ids = pairs(list.as_deref().unwrap_or_default())?.into_iter();
    let ids = ids.collect::<HashMap<_, _>>();
    let (mut unread, mut rows) = (0, String::new());
    for (number, size) in pairs(&sizes)? {
        // Numbers begin anew with each visit. A unique id stays with its mail for ever.
        if ids.get(&number).is_some_and(|id| seen.has(id)) {
            continue;
        }
        let mut mail = text(server, &format!("TOP {number} 0")); // the header alone
        if refused(&mail) {
            mail = text(server, &format!("RETR {number}")); // a server without TOP
        }
        unread += 1;
        let row = format!("{number:4} {size:>9}  {}", subject(&mail?));
        rows = rows + "\n" + &server.shown(row);
    }
    if let Err(error) = ask(server, "QUIT") {
        println!("[no goodbye: {error}]"); // we have what we came for
    }
    println!("mails: {count}, bytes: {size}, unread: {unread}{rows}");
    // Without unique ids nobody knows which mails these were: what was noted stays.
    list.map_or(Ok(()), |_| seen.replace_by(ids.values()))
}
// ANCHOR_END: look

// ANCHOR: answer
fn ask(server: &mut LineClient, command: &str) -> shared::Result<String> {
    server.send(command)?;
    answer(server)
}

/// `+OK` is yes and `-ERR` is no. What stands behind it is for people, as a rule.
fn answer(server: &mut LineClient) -> shared::Result<String> {
    let line = server.receive()?;
    let line = String::from_utf8_lossy(&line);
    match line.split_once(' ').unwrap_or((&line, "")) {
        ("+OK", rest) => Ok(rest.to_string()),
        ("-ERR", why) => {
            let error = Error::new(format!("the server refuses: {}", server.shown(why)));
            Err(error.hint("its words say why; without --quiet you see what it refuses"))
        }
        _ => wrong("its answer begins neither with +OK nor with -ERR"),
    }
}

/// The lines behind a `+OK`, 64 MiB at most, up to the one that is a single dot. Where a
/// line begins with a dot, the server has put another in front (RFC 1939 section 3).
fn text(server: &mut LineClient, command: &str) -> shared::Result<Vec<u8>> {
    ask(server, command)?;
    let mut text = Vec::new();
    while text.len() < 64 << 20 {
        let line = server.receive()?;
        if line == b"." {
            return Ok(text);
        }
        text.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        text.extend_from_slice(b"\r\n");
    }
    wrong("its answer does not end")
}
// ANCHOR_END: answer

/// A refusal is an answer. An error of the connection has a cause.
fn refused<T>(answer: &shared::Result<T>) -> bool {
    matches!(answer, Err(error) if error.cause().is_none())
}

fn wrong<T>(what: &str) -> shared::Result<T> {
    Err(io::Error::new(InvalidData, what)).context("cannot understand the server")
}

/// `1 120`: the number of a mail, and what is said of it.
fn pair(line: &str) -> shared::Result<(u64, String)> {
    let mut words = line.split_ascii_whitespace().map(str::to_string);
    match (words.next().map(|word| word.parse()), words.next()) {
        (Some(Ok(number)), Some(word)) => Ok((number, word)),
        _ => wrong("it says no number where POP3 has one"),
    }
}

fn pairs(text: &[u8]) -> shared::Result<Vec<(u64, String)>> {
    String::from_utf8_lossy(text).lines().map(pair).collect()
}

fn subject(mail: &[u8]) -> String {
    let headers = mailparse::parse_headers(mail).map_or(Vec::new(), |(all, _)| all);
    match headers.get_first_header("Subject") {
        Some(subject) if subject.get_value_raw().len() < 4000 => subject.get_value(),
        Some(_) => "(longer than any reader would like)".to_string(),
        None => "(no subject)".to_string(),
    }
}
