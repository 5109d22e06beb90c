//! Help for lesson 15: its two practice servers, one takes a mail by SMTP, the other
//! gives mails by POP3.

use std::io::{self, ErrorKind, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use shared::{LineReader, close_gracefully, println, visible};

/// The most bytes of a mail, which `EHLO` announces (RFC 1870).
const LARGEST: usize = 1_000_000;

/// A mail server that takes every mail, and prints it instead of delivering it (RFC
/// 5321). It knows nobody whose address begins with `nobody`, and lets everybody log in.
///
/// # Errors
/// When no listener can be made on 127.0.0.1.
pub fn smtp() -> io::Result<SocketAddr> {
    shared::practice::tcp(|stream| {
        let mut client = Client::new(stream)?;
        client.say("220 practice.example ready")?;
        let mut envelope = Envelope::default();
        while let Some(line) = client.line()? {
            let upper = line.to_ascii_uppercase();
            let verb = upper.split([' ', ':']).next().unwrap_or_default();
            if verb == "QUIT" {
                client.say("221 goodbye")?;
                break;
            }
            if verb == "DATA" && envelope.recipients > 0 {
                client.say("354 go on, and end with a line that is a single dot")?;
                let answer = receive(&mut client)?;
                envelope = Envelope::default();
                client.say(answer)?;
                continue;
            }
            client.say(&envelope.answer(verb, &upper))?;
        }
        client.close_gracefully();
        Ok(())
    })
}

/// What a server knows of a mail before its text comes (RFC 5321 section 2.3.1).
#[derive(Default)]
struct Envelope {
    has_sender: bool,
    recipients: usize,
}

impl Envelope {
    /// The answer to a command other than QUIT, or DATA where the text may come.
    fn answer(&mut self, verb: &str, command: &str) -> String {
        let answer = match verb {
            "EHLO" => {
                return format!(
                    "250-practice.example greets you\r\n250-SIZE {LARGEST}\r\n\
                     250-8BITMIME\r\n250 AUTH PLAIN"
                );
            }
            "HELO" | "NOOP" => "250 practice.example",
            "RSET" => {
                *self = Self::default();
                "250 forgotten"
            }
            "AUTH" => "235 welcome, whoever you are",
            "MAIL" => {
                *self = Self::default();
                self.has_sender = true;
                "250 sender ok"
            }
            "RCPT" if !self.has_sender => "503 first MAIL, then RCPT",
            "RCPT" if command.contains("<NOBODY") => {
                "550 there is nobody of that name here"
            }
            "RCPT" => {
                self.recipients += 1;
                "250 recipient ok"
            }
            "DATA" => "503 first RCPT, then DATA",
            _ => "500 this server does not know that command",
        };
        answer.to_string()
    }
}

/// Takes the lines up to the single dot, prints them as they were meant, and returns the
/// answer. It is printed before the answer goes out, so that the client's lines follow.
fn receive(client: &mut Client) -> io::Result<&'static str> {
    let mut mail = Vec::new();
    let mut size = 0;
    loop {
        let line = client.line()?.ok_or(ErrorKind::UnexpectedEof)?;
        if line == "." {
            break;
        }
        size += line.len() + 2;
        if size <= LARGEST {
            // The dot that the client has put in front comes off again.
            mail.push(line.strip_prefix('.').unwrap_or(&line).to_string());
        }
    }
    if size > LARGEST {
        return Ok("552 the mail is too large");
    }
    let text: String = mail
        .iter()
        .map(|line| format!("  | {}\n", visible(line)))
        .collect();
    println!(
        "[the practice server has got this mail:]\n{}",
        text.trim_end()
    );
    Ok("250 accepted")
}

/// The name of the one user of [`pop3`], and the password.
pub const USER: (&str, &str) = ("ada", "swordfish");

/// What waits in the mailbox of [`pop3`]: the unique id, and the mail. The subjects are
/// written in the ways that one meets: plain, UTF-8 by `Q` and by `B`, another character
/// set, and folded over two lines (RFC 2047, RFC 5322 section 2.2.3).
const MAILBOX: [(&str, &str); 5] = [
    (
        "20261120-1",
        "From: Charles <charles@example.org>\r\nSubject: The engine is ready\r\n\r\n\
         Come and see it.\r\n",
    ),
    (
        "20261120-2",
        "From: =?utf-8?q?Andr=C3=A9?= <andre@example.org>\r\n\
         Subject: =?utf-8?q?Caf=C3=A9_at_four=3F?=\r\n\r\n...or at five?\r\n",
    ),
    (
        "20261120-3",
        "From: Jos\u{e9} <jose@example.org>\r\n\
         Subject: =?iso-8859-1?Q?=A1Hasta_ma=F1ana!?=\r\n\r\n.\r\n.. these are dots\r\n",
    ),
    (
        "20261121-4",
        "From: Li <li@example.org>\r\nSubject: =?gbk?B?xOO6w6OsysC95w==?=\r\n\r\nNi hao!\r\n",
    ),
    (
        "20261121-5",
        "From: Grace <grace@example.org>\r\n\
         Subject: =?utf-8?B?w5xiZXJzZXR6ZXI=?= and\r\n =?utf-8?B?wqtEZWJ1Z2dlcsK7?=\r\n\r\n\
         I found a moth.\r\n",
    ),
];

/// A mailbox with five mails, for the [`USER`] `ada` (RFC 1939).
///
/// # Errors
/// When no listener can be made on 127.0.0.1.
pub fn pop3() -> io::Result<SocketAddr> {
    shared::practice::tcp(|stream| {
        let mut client = Client::new(stream)?;
        client.say("+OK the practice mailbox is open")?;
        let (mut user, mut welcome) = (String::new(), false);
        while let Some(line) = client.line()? {
            let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
            match word.to_ascii_uppercase().as_str() {
                "USER" => {
                    user = rest.to_string();
                    client.say("+OK now the password")?;
                }
                "PASS" if (user.as_str(), rest) == USER => {
                    welcome = true;
                    client.say("+OK welcome")?;
                }
                "PASS" => client.say("-ERR [AUTH] wrong name or password")?,
                "QUIT" => {
                    client.say("+OK goodbye")?;
                    break;
                }
                word if welcome => client.say(&pop3_answer(word, rest))?,
                _ => client.say("-ERR log in first")?,
            }
        }
        client.close_gracefully();
        Ok(())
    })
}

/// The answer to a command of somebody who is logged in; a multi-line one with its end.
fn pop3_answer(word: &str, rest: &str) -> String {
    let of_all = |line: &dyn Fn(usize, &str, &str) -> String| {
        let lines = MAILBOX.iter().enumerate();
        let lines = lines.map(|(index, (id, mail))| line(index + 1, id, mail) + "\r\n");
        format!("+OK\r\n{}.", lines.collect::<String>())
    };
    let number = rest.split(' ').next().unwrap_or_default();
    let number = number.parse::<usize>().unwrap_or(0);
    let mail = number.checked_sub(1).and_then(|index| MAILBOX.get(index));
    match (word, mail) {
        ("STAT", _) => {
            let size: usize = MAILBOX.iter().map(|(_, mail)| mail.len()).sum();
            format!("+OK {} {size}", MAILBOX.len())
        }
        ("LIST", None) => of_all(&|number, _, mail| format!("{number} {}", mail.len())),
        ("LIST", Some((_, mail))) => format!("+OK {number} {}", mail.len()),
        ("UIDL", None) => of_all(&|number, id, _| format!("{number} {id}")),
        ("UIDL", Some((id, _))) => format!("+OK {number} {id}"),
        ("TOP" | "RETR", None) => "-ERR there is no such mail".to_string(),
        ("TOP", Some((_, mail))) => {
            let (header, body) = mail.split_once("\r\n\r\n").unwrap_or((mail, ""));
            let count = rest.split(' ').nth(1).and_then(|count| count.parse().ok());
            let lines = body.split_inclusive("\r\n").take(count.unwrap_or(0));
            multi_line(&format!("{header}\r\n\r\n{}", lines.collect::<String>()))
        }
        ("RETR", Some((_, mail))) => multi_line(mail),
        ("NOOP" | "RSET", _) => "+OK".to_string(),
        ("DELE", _) => "-ERR this mailbox is for looking only".to_string(),
        _ => "-ERR this server does not know that command".to_string(),
    }
}

/// A text as a multi-line answer: a line that begins with a dot gets another in front.
fn multi_line(text: &str) -> String {
    let mut answer = "+OK\r\n".to_string();
    for line in text.split_inclusive("\r\n") {
        if line.starts_with('.') {
            answer.push('.');
        }
        answer.push_str(line);
    }
    answer + "."
}

/// A client of a line protocol, as its server sees it.
struct Client(LineReader<TcpStream>);

impl Client {
    fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        stream.set_nodelay(true)?;
        Ok(Self(LineReader::new(stream, 4096)))
    }

    /// The next line without its end; none at the end of the stream.
    fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = self.0.read_line()?;
        let count = line.len();
        if count > 0 && line.pop_if(|byte| *byte == b'\n').is_none() {
            return Err(ErrorKind::InvalidData.into()); // cut off
        }
        line.pop_if(|byte| *byte == b'\r');
        let line = String::from_utf8_lossy(&line).into_owned();
        Ok((count > 0).then_some(line))
    }

    fn say(&mut self, answer: &str) -> io::Result<()> {
        self.0
            .get_mut()
            .write_all(format!("{answer}\r\n").as_bytes())
    }

    fn close_gracefully(self) {
        close_gracefully(self.0.into_inner(), Duration::from_secs(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    /// What the server answers to all of this.
    fn said(server: io::Result<SocketAddr>, words: &str) -> String {
        let mut stream =
            TcpStream::connect(server.expect("a server")).expect("connected");
        stream.write_all(words.as_bytes()).expect("it is sent");
        let mut answers = String::new();
        stream.read_to_string(&mut answers).expect("it ends");
        answers
    }

    #[test]
    fn a_mail_is_taken_in_its_order_only() {
        let order = "DATA\r\nRCPT TO:<a@b>\r\nMAIL FROM:<a@b>\r\nRCPT TO:<nobody@b>\r\n\
                     RCPT TO:<b@b>\r\nDATA\r\n..\r\n.\r\nWHAT\r\nQUIT\r\n";
        let codes: Vec<_> = said(smtp(), order)
            .lines()
            .map(|line| line[..3].to_string())
            .collect();
        let right = "220 503 503 250 550 250 354 250 500 221";
        assert_eq!(codes.join(" "), right);
    }

    #[test]
    fn the_mailbox_opens_with_the_password_only() {
        let answers = said(pop3(), "USER ada\r\nPASS no\r\nSTAT\r\nQUIT\r\n");
        let starts: Vec<_> = answers.lines().map(|line| &line[..3]).collect();
        assert_eq!(starts, ["+OK", "+OK", "-ER", "-ER", "+OK"]);
    }

    #[test]
    fn a_dot_at_the_start_of_a_line_is_doubled() {
        let answers = said(pop3(), "USER ada\r\nPASS swordfish\r\nRETR 3\r\nQUIT\r\n");
        assert!(
            answers.contains("\r\n\r\n..\r\n... these are dots\r\n.\r\n"),
            "{answers}"
        );
        let answers = said(pop3(), "USER ada\r\nPASS swordfish\r\nTOP 3 1\r\nQUIT\r\n");
        assert!(answers.contains("\r\n\r\n..\r\n.\r\n+OK"), "{answers}");
    }
}
