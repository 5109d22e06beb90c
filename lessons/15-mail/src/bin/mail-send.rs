// ANCHOR: all
//! Lesson 15: sends a mail by SMTP, by hand, and shows every word of the dialogue.
//!
//!     cargo run -p mail --bin mail-send
//!     cargo run -p mail --bin mail-send -- localhost:2525 --from a@b.org --to c@d.org
//!
//! What it cannot do: log in on another machine. It has no TLS; the library has.

use std::io::{self, ErrorKind::InvalidData};
use std::process::ExitCode;

use data_encoding::BASE64;
use mail::{LineClient, Login, Message, practice, smtp_hint};
use shared::println;
use shared::{Args, Context, Error};

const HELP: &str = "\
Sends a mail by SMTP, and shows the dialogue.

usage: mail-send [HOST:PORT] [--from ADDRESS] [--to ADDRESS]... [OPTION]...

  HOST:PORT          the server; without it, a practice server inside this program
  --from, --to       who sends it, and who gets it (--to as often as you like)
  --subject TEXT     what it is about (A mail by hand)
  --file FILE        the text; without it, one with dots where they are dangerous
  --user NAME        log in; the password comes from the variable MAIL_PASSWORD, or
                     from the first line of --password-file FILE
  --timeout SECONDS  how long to wait for each answer (60)

example: cargo run -p mail --bin mail-send -- localhost:2525 --from a@b.org --to c@d.org
";

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    mail::fail_on_ctrl_c()?;
    let letter = Message::of(&args)?;
    let login = Login::of(&args, "MAIL_PASSWORD")?;
    let timeout = args.seconds("timeout", 60.0)?; // RFC 5321 section 4.5.3.2: 5 minutes
    let address = args.address_or_practice(practice::smtp)?;
    let mut server = LineClient::connect(&address, timeout)?;
    let sent = send(&mut server, login, &letter);
    // After a refusal the server still listens. After an error with a cause it does not.
    let broken = matches!(&sent, Err(error) if error.cause().is_some());
    if !broken && let Err(error) = ask(&mut server, "QUIT") {
        println!("[no goodbye: {error}]"); // what was accepted stays accepted
    }
    sent
}

fn send(
    server: &mut LineClient,
    login: Option<Login>,
    letter: &Message,
) -> shared::Result<()> {
    answer(server)?.must_be(2, "to talk to us")?; // the server speaks first
    let name = server.own_name(); // [127.0.0.1]
    let mut hello = ask(server, &format!("EHLO {name}"))?;
    if hello.code / 100 == 5 {
        hello = ask(server, &format!("HELO {name}"))?; // older than extensions
    }
    hello.must_be(2, "our greeting")?;
    if let Some(login) = login {
        log_in(server, &hello, &login.user, login.password())?;
    }
    ask(server, &format!("MAIL FROM:<{}>", letter.from))?.must_be(2, "the sender")?;
    let mut refused = Vec::new();
    for to in &letter.to {
        let answer = ask(server, &format!("RCPT TO:<{to}>"))?;
        refused.extend(answer.must_be(2, to).err()); // the others get it all the same
    }
    if refused.len() < letter.to.len() {
        ask(server, "DATA")?.must_be(3, "to take a text")?;
        let text = letter.written(|bytes| BASE64.encode(bytes));
        ask(server, &stuffed(&text))?.must_be(2, "the mail")?; // now it is the server's
    }
    refused.pop().map_or(Ok(()), Err)
}

fn log_in(
    server: &mut LineClient,
    hello: &Answer,
    user: &str,
    pass: &str,
) -> shared::Result<()> {
    if !hello.lines.iter().any(|line| offers_plain(line)) {
        let hint = "leave --user away, or ask the server's owner how one logs in";
        return Err(Error::new("the server offers no AUTH PLAIN").hint(hint));
    }
    // base64 hides nothing: anyone can decode it.
    let token = BASE64.encode(format!("\0{user}\0{pass}").as_bytes());
    server.keep_secret(pass)?; // fails when the server is on another machine
    server.keep_secret(&token)?;
    ask(server, &format!("AUTH PLAIN {token}"))?.must_be(2, "name or password")
}

/// `AUTH LOGIN PLAIN`, in any letters; some older servers write `AUTH=PLAIN`.
fn offers_plain(extension: &str) -> bool {
    let upper = extension.to_ascii_uppercase().replace('=', " ");
    let mut words = upper.split_ascii_whitespace();
    words.next() == Some("AUTH") && words.any(|word| word == "PLAIN")
}

/// A line that is a single dot ends the text. So a line of the text that begins with a
/// dot gets another in front, which the server takes off (RFC 5321 section 4.5.2).
fn stuffed(text: &str) -> String {
    let mut stuffed = String::new();
    for line in text.lines() {
        if line.starts_with('.') {
            stuffed.push('.');
        }
        stuffed = stuffed + line + "\r\n";
    }
    stuffed + "."
}

#[derive(Default)]
struct Answer {
    code: u16,
    lines: Vec<String>,
}

fn ask(server: &mut LineClient, command: &str) -> shared::Result<Answer> {
    server.send(command)?;
    answer(server)
}

/// Lines like `250-SIZE`, and a last one like `250 HELP`: the same code in each of them.
fn answer(server: &mut LineClient) -> shared::Result<Answer> {
    let mut answer = Answer::default();
    loop {
        let line = server.receive()?;
        let (code, rest) = line.split_at_checked(3).unwrap_or_default();
        let code = str::from_utf8(code).map_or(0, |code| code.parse().unwrap_or(0));
        let other = !answer.lines.is_empty() && code != answer.code;
        if !(200..600).contains(&code) || other || answer.lines.len() == 100 {
            let error = io::Error::new(InvalidData, "SMTP's answers are not like this");
            return Err(error).context("cannot understand the server");
        }
        answer.code = code;
        answer
            .lines
            .push(server.shown(rest.get(1..).unwrap_or_default()));
        if !rest.starts_with(b"-") {
            return Ok(answer);
        }
    }
}

impl Answer {
    /// The first digit is what counts: 2 is yes, 3 go on, 4 not now, 5 no.
    fn must_be(&self, digit: u16, what: &str) -> shared::Result<()> {
        if self.code / 100 == digit {
            return Ok(());
        }
        let what = format!(
            "the server refuses {what}: {} {}",
            self.code,
            self.lines.join(" ")
        );
        Err(Error::new(what).hint(smtp_hint(self.code)))
    }
}
