//! Help for lesson 15: a mail as it is written, and which ones were seen.

use std::collections::HashSet;
use std::io::{ErrorKind, Write};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{fs, process};

use shared::{Args, Context, Error, WholeFile};

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

const TEXT: &str =
    "Hello!\n.\nThe line above is a single dot.\n..and this one begins with two.\n";

/// A mail as it is written: who sends it to whom, what it is about, and the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The address of the sender.
    pub from: String,
    /// The addresses of those who get it; at least one.
    pub to: Vec<String>,
    /// What it is about: one line.
    pub subject: String,
    /// The text; its lines end in `\n`.
    pub text: String,
}

impl Message {
    /// What `--from`, `--to`, `--subject` and `--file` say. Without an address of a
    /// server each of them may be missing.
    ///
    /// # Errors
    /// Exit code 2, when sender or recipient is missing or no address, or the subject has
    /// a line end or another control character in it: what came after it would be a
    /// header of its own. Exit code 1, when the file cannot be read.
    pub fn of(args: &Args) -> Result<Self, Error> {
        let subject = args.values("subject").last().unwrap_or("A mail by hand");
        if subject.contains(char::is_control) {
            let hint =
                "write it in one line: what comes behind a line end is another header";
            return Err(Error::usage("the subject has a line end in it").hint(hint));
        }
        let from = addresses(args, "from", "ada@example.org")?;
        Ok(Self {
            from: from.last().cloned().unwrap_or_default(),
            to: addresses(args, "to", "charles@example.org")?,
            subject: subject.to_string(),
            text: text(args)?.replace("\r\n", "\n").replace('\r', "\n"),
        })
    }

    /// Header, blank line and body (RFC 5322), each line with `\r\n` at its end: ASCII,
    /// and no line longer than 998 bytes.
    ///
    /// A subject that is not so becomes encoded words (RFC 2047), and a body that is not
    /// so is written in base64 as a whole (RFC 2045). `base64` is the function of a
    /// library that the lesson has.
    pub fn written(&self, base64: impl Fn(&[u8]) -> String) -> String {
        let text = &self.text;
        let plain = |byte: u8| matches!(byte, b'\t' | b'\n' | b' '..=b'~');
        let (encoding, body) =
            if text.bytes().all(plain) && text.lines().all(|line| line.len() <= 998) {
                let lines = text.lines().map(|line| format!("{line}\r\n"));
                ("7bit", lines.collect())
            } else {
                let encoded = base64(text.replace('\n', "\r\n").as_bytes());
                let mut rest = encoded.as_str();
                let mut lines = String::new();
                while !rest.is_empty() {
                    let (line, others) = rest.split_at(rest.len().min(76));
                    lines += &format!("{line}\r\n");
                    rest = others;
                }
                ("base64", lines)
            };
        format!(
            "From: <{}>\r\nTo: <{}>\r\nSubject: {}\r\nDate: {}\r\nMessage-ID: {}\r\n\
             MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
             Content-Transfer-Encoding: {encoding}\r\n\r\n{body}",
            self.from,
            self.to.join(">,\r\n <"),
            encoded_words(&self.subject, base64),
            date(since_1970()),
            message_id(&self.from),
        )
    }
}

/// The addresses of an option, at least one; the default is for the practice server.
fn addresses(args: &Args, name: &str, default: &str) -> Result<Vec<String>, Error> {
    let mut all: Vec<_> = args.values(name).map(str::to_string).collect();
    if all.is_empty() && args.positional().is_none() {
        all.push(default.to_string());
    }
    if all.is_empty() {
        let error = Error::usage(format!("there is no --{name}"));
        return Err(error.hint("a mail needs --from and --to"));
    }
    if let Some(wrong) = all.iter().find(|text| !is_mail_address(text)) {
        let error = Error::usage(format!("{wrong:?} is not a mail address"));
        return Err(error.hint(
            "write ada@example.org; letters that are not ASCII need SMTPUTF8, which this \
             program does not speak",
        ));
    }
    Ok(all)
}

/// What stands in --file, or a text with dots where they are dangerous.
fn text(args: &Args) -> Result<String, Error> {
    let Some(name) = args.values("file").last() else {
        return Ok(TEXT.to_string());
    };
    let bytes = fs::read(name).context(format!("cannot read {name}"))?;
    String::from_utf8(bytes).map_err(|_| {
        Error::new(format!("{name} is not text in UTF-8"))
            .hint("`iconv -t utf-8` makes it so; `file` guesses what it is")
    })
}

/// Text for a header: as it is, or in encoded words, in none of which a letter is cut in
/// two. With 36 bytes in each, the line has no more than 76 (RFC 2047 section 2).
fn encoded_words(text: &str, base64: impl Fn(&[u8]) -> String) -> String {
    if text.is_ascii() && text.len() < 70 && !text.contains("=?") {
        return text.to_string();
    }
    let mut words = vec![String::new()];
    for letter in text.chars() {
        match words.last_mut() {
            Some(word) if word.len() + letter.len_utf8() <= 36 => word.push(letter),
            _ => words.push(letter.to_string()),
        }
    }
    let words = words.iter().map(|word| base64(word.as_bytes()));
    let words: Vec<_> = words.map(|word| format!("=?utf-8?B?{word}?=")).collect();
    words.join("\r\n ")
}

/// Which mails a reader has seen: their unique ids, a line for each, in a file. POP3
/// itself knows nothing of read and unread (RFC 1939 section 7, UIDL).
#[derive(Debug, Default)]
pub struct SeenFile {
    name: Option<String>,
    ids: HashSet<String>,
}

impl SeenFile {
    /// Reads the file, where there is one. Without a name, nothing was ever seen.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn read(name: Option<String>) -> Result<Self, Error> {
        let text = match name.as_ref().map(fs::read_to_string) {
            Some(Err(error)) if error.kind() != ErrorKind::NotFound => {
                let name = name.unwrap_or_default();
                return Err(error).context(format!("cannot read {name}"));
            }
            Some(Ok(text)) => text,
            _ => String::new(),
        };
        let ids = text.lines().map(str::to_string).collect();
        Ok(Self { name, ids })
    }

    /// Whether the mail was seen at an earlier visit.
    pub fn has(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    /// Notes these ids in the file, whole or not at all ([`WholeFile`]). Others are
    /// forgotten: their mails have left the mailbox, and ids are never used again.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn replace_by<'a>(
        self,
        ids: impl IntoIterator<Item = &'a String>,
    ) -> Result<(), Error> {
        let Some(name) = self.name else {
            return Ok(());
        };
        let mut ids: Vec<_> = ids.into_iter().map(|id| format!("{id}\n")).collect();
        ids.sort_unstable();
        let mut file = WholeFile::create(&name)?;
        let written = file.write_all(ids.concat().as_bytes());
        written.context(format!("cannot save {name}"))?;
        file.finish()
    }
}

/// What to do about an answer of SMTP that is no yes, by its code (RFC 5321 section
/// 4.2.3, RFC 4954 section 6): a hint for a person.
pub fn smtp_hint(code: u16) -> &'static str {
    match code {
        400..500 => "4 means `not now`: try the same again in some minutes",
        530 => "the server wants to know who you are: log in with --user",
        534 | 535 => "the name or the password is wrong; or the server wants TLS first",
        550 | 551 | 553 => "check the address; some servers want a login first: --user",
        552 => {
            "the mail, or the mailbox that it goes to, is larger than the server allows"
        }
        500..600 => "5 means `no`: the same again will not help, and the words say why",
        _ => "that is no answer to this; does a mail server listen at this port?",
    }
}

/// A mail address that can stand in a command of SMTP and in a header: `local@domain`, in
/// ASCII, without spaces, control characters, `<`, `>` and what would separate addresses.
/// (RFC 5321 section 4.1.2 allows more, in quotes; RFC 6531 other messages, where the
/// server does.)
fn is_mail_address(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"<>()[]:;,\\\"".contains(&byte);
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let parts = !local.is_empty() && !domain.is_empty() && !domain.contains('@');
    parts && text.len() <= 254 && text.bytes().all(plain)
}

/// The value of a `Message-ID` header, another one each time: `<…@domain>`, with the
/// domain of the sender's address (RFC 5322 section 3.6.4).
fn message_id(from: &str) -> String {
    let domain = from.rsplit('@').next().unwrap_or_default();
    format!("<{}.{}@{domain}>", since_1970().as_nanos(), process::id())
}

fn since_1970() -> Duration {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default() // a clock before 1970
}

/// The value of a `Date` header, in UTC: `Sat, 21 Nov 2026 11:05:44 +0000` (RFC 5322
/// section 3.3).
fn date(since_1970: Duration) -> String {
    let seconds = since_1970.as_secs();
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let by = |year: u64, number| year.is_multiple_of(number);
    let leap = |year| by(year, 4) && (!by(year, 100) || by(year, 400));
    let (mut year, mut day) = (1970, days);
    while day >= 365 + u64::from(leap(year)) {
        day -= 365 + u64::from(leap(year));
        year += 1;
    }
    let february = 28 + u64::from(leap(year));
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while day >= lengths[month] {
        day -= lengths[month];
        month += 1;
    }
    format!(
        "{}, {} {} {year} {:02}:{:02}:{:02} +0000",
        DAYS[(days % 7) as usize],
        day + 1,
        MONTHS[month],
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_that_of_date_u_r() {
        for (seconds, written) in [
            (0, "Thu, 1 Jan 1970 00:00:00 +0000"),
            (951_782_399, "Mon, 28 Feb 2000 23:59:59 +0000"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 +0000"),
            (1_795_259_144, "Sat, 21 Nov 2026 11:05:44 +0000"),
            (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 +0000"),
            (4_107_542_400, "Mon, 1 Mar 2100 00:00:00 +0000"),
        ] {
            assert_eq!(date(Duration::from_secs(seconds)), written);
        }
    }

    fn message(subject: &str, text: &str) -> String {
        let message = Message {
            from: "a@b.org".into(),
            to: vec!["c@d.org".into(), "e@f.org".into()],
            subject: subject.into(),
            text: text.into(),
        };
        // Not base64, but something of its length.
        message.written(|bytes| "x".repeat(bytes.len().div_ceil(3) * 4))
    }

    #[test]
    fn a_plain_message_is_written_as_it_is() {
        let written = message("One", ".one\ntwo\n\nthree");
        let start = "From: <a@b.org>\r\nTo: <c@d.org>,\r\n <e@f.org>\r\nSubject: One\r\n";
        assert!(written.starts_with(start), "{written}");
        assert!(
            written.ends_with(": 7bit\r\n\r\n.one\r\ntwo\r\n\r\nthree\r\n"),
            "{written}"
        );
    }

    #[test]
    fn what_is_not_plain_is_encoded_in_lines_of_ascii() {
        let long = "x".repeat(999);
        for text in ["\u{e9}", "a\0", &long] {
            let written = message(&"\u{20ac}".repeat(40), text);
            assert!(written.contains(": base64\r\n\r\nx"), "{written}");
            assert!(written.is_ascii());
            assert!(written.lines().all(|line| line.len() <= 76), "{written}");
            let words = written.matches("=?utf-8?B?x").count();
            assert_eq!(words, 4, "40 letters of 3 bytes, 12 in a word");
        }
    }

    #[test]
    fn an_address_is_one_word_with_one_at() {
        for good in ["ada@example.org", "a.b+c@d", "x_y@[127.0.0.1]"] {
            let literal = good.contains('[');
            assert_eq!(is_mail_address(good), !literal, "{good}");
        }
        let long = format!("{}@example.org", "a".repeat(250));
        for bad in [
            "",
            "ada",
            "@",
            "ada@",
            "@d",
            "a@b@c",
            "a b@c",
            "a@b\r\nRCPT TO:<x@y",
            "<a@b>",
            "a@b>",
            "ä@b",
            "a@b,c@d",
            &long,
        ] {
            assert!(!is_mail_address(bad), "{bad}");
        }
    }
}
