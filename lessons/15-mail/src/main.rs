// ANCHOR: all
//! Lesson 15: looks into a mailbox by POP3: how many mails, how large, and about what.
//!
//!     cargo run -p mail
//!     MAIL_PASSWORD=... cargo run -p mail -- localhost:110 --user ada --seen seen.txt
//!
//! What it cannot do: talk to a server on another machine. It has no TLS.

use std::collections::HashMap;
use std::io::{self, ErrorKind::InvalidData};
use std::process::ExitCode;

use mail::{LineClient, Login, SeenFile, practice};
use mailparse::MailHeaderMap;
use shared::{Args, Context, Error, exit_on_ctrl_c, print_result, println};

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

/// More mails are too many for one look: no server fills our memory with its lists.
const MOST_MAILS: u64 = 20_000;
const LONGEST_TEXT: u64 = 64 << 20; // 64 MiB, for one mail

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

/// Prints what is unread, and notes it as seen where all of it could be printed.
fn look(server: &mut LineClient, login: &Login, seen: SeenFile) -> shared::Result<()> {
    log_in(server, login)?;
    let all = ask(server, "STAT")?;
    let (count, size) = count_and_size(&all)?;
    let sizes = list(server, "LIST", count)?;
    if sizes.len() as u64 != count {
        return wrong("it lists fewer mails than it has counted");
    }
    let ids = unique_ids(server, count)?;
    let (mut unread, mut rows) = (0, String::new());
    let mut here = Vec::new(); // the ids of what is listed
    for (number, size) in &sizes {
        // Numbers begin anew with each visit. A unique id stays with its mail for ever.
        if let Some(id) = ids.get(number) {
            here.push(id);
            if seen.has(id) {
                continue;
            }
        }
        unread += 1;
        let row = format!(
            "{number:4} {size:>9}  {}",
            subject(&header(server, *number)?)
        );
        rows = rows + &server.shown(row) + "\n";
    }
    if let Err(error) = ask(server, "QUIT") {
        println!("[no goodbye: {error}]"); // we have what we came for
    }
    let list = format!("mails: {count}, bytes: {size}, unread: {unread}\n{rows}");
    print_result(&list).context("cannot print the list")?;
    if ids.is_empty() && count > 0 {
        return Ok(()); // nobody knows which mails these were: what was noted stays
    }
    seen.replace_by(here)
}

fn log_in(server: &mut LineClient, login: &Login) -> shared::Result<()> {
    answer(server)?; // the server speaks first
    server.keep_secret(login.password())?; // fails when it is on another machine
    ask(server, &format!("USER {}", login.user))?;
    ask(server, &format!("PASS {}", login.password()))?;
    Ok(())
}

/// The answer to STAT: `5 563`.
fn count_and_size(answer: &str) -> shared::Result<(u64, u64)> {
    let mut words = answer.split_ascii_whitespace().map(str::parse);
    match (words.next(), words.next()) {
        (Some(Ok(count)), Some(Ok(size))) if count <= MOST_MAILS => Ok((count, size)),
        (Some(Ok(count)), Some(Ok(_))) => {
            let what = format!("{count} mails are too many: {MOST_MAILS} at most");
            Err(Error::new(what).hint("take a mail reader; it fetches them bit by bit"))
        }
        _ => wrong("it says no number where POP3 has one"),
    }
}

/// The answer to LIST or UIDL: a line for each mail, `1 120`, and no more than `count`.
fn list(
    server: &mut LineClient,
    command: &str,
    count: u64,
) -> shared::Result<Vec<(u64, String)>> {
    let text = text(server, command, (count + 1) * 600)?; // a line has 512 bytes at most
    let mut list = Vec::new();
    for line in String::from_utf8_lossy(&text).lines() {
        let mut words = line.split_ascii_whitespace();
        let Some(Ok(number)) = words.next().map(str::parse) else {
            return wrong("it says no number where POP3 has one");
        };
        list.push((number, words.next().unwrap_or_default().to_string()));
        if list.len() as u64 > count {
            return wrong("it lists more mails than it has counted");
        }
    }
    Ok(list)
}

/// By the number of each mail the id that it has for ever.
fn unique_ids(
    server: &mut LineClient,
    count: u64,
) -> shared::Result<HashMap<u64, String>> {
    let answer = list(server, "UIDL", count);
    if refused(&answer) {
        println!("[a server without UIDL: every mail counts as unread]");
        return Ok(HashMap::new());
    }
    let mut ids: HashMap<u64, String> = answer?.into_iter().collect();
    ids.retain(|_, id| !id.is_empty()); // some servers have none for some mails
    Ok(ids)
}

/// The header of a mail, or all of it, where the server has no TOP.
fn header(server: &mut LineClient, number: u64) -> shared::Result<Vec<u8>> {
    let header = text(server, &format!("TOP {number} 0"), LONGEST_TEXT);
    if refused(&header) {
        return text(server, &format!("RETR {number}"), LONGEST_TEXT);
    }
    header
}

fn ask(server: &mut LineClient, command: &str) -> shared::Result<String> {
    server.send(command)?;
    answer(server)
}

/// `+OK` is yes and `-ERR` is no. What stands after it is for people, as a rule.
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

/// The lines after a `+OK`, up to the one that is a single dot. Where a line begins with
/// a dot, the server has put another in front (RFC 1939 section 3).
fn text(server: &mut LineClient, command: &str, most: u64) -> shared::Result<Vec<u8>> {
    ask(server, command)?;
    let mut text = Vec::new();
    while text.len() as u64 <= most {
        let line = server.receive()?;
        if line == b"." {
            return Ok(text);
        }
        text.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        text.extend_from_slice(b"\r\n");
    }
    wrong("its answer does not end")
}

/// A refusal is an answer. An error of the connection has a cause.
fn refused<T>(answer: &shared::Result<T>) -> bool {
    matches!(answer, Err(error) if error.cause().is_none())
}

fn wrong<T>(what: &str) -> shared::Result<T> {
    Err(io::Error::new(InvalidData, what)).context("cannot understand the server")
}

/// As one reads it. A letter that its writer has cut in two, between two encoded words,
/// is lost: RFC 2047 section 5 forbids the cut, and mailparse decodes word by word.
fn subject(mail: &[u8]) -> String {
    let headers = mailparse::parse_headers(mail).map_or(Vec::new(), |(all, _)| all);
    match headers.get_first_header("Subject") {
        Some(subject) if subject.get_value_raw().len() < 1000 => subject.get_value(),
        Some(_) => "(longer than any reader would like)".to_string(),
        None => "(no subject)".to_string(),
    }
}
