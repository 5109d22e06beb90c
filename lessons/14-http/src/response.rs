// ANCHOR: all
//! Lesson 14, a part of `cargo run -p http`: the head of an answer, and what it means.

use std::io::{self, BufRead, ErrorKind, Read, Take};

use http::Url;
use httparse::Status::{Complete, Partial};
use httparse::{EMPTY_HEADER, ParserConfig, Response};
use shared::{Context, Error};

const MAX_HEAD: u64 = 64 * 1024; // bytes
const MAX_FIELDS: usize = 100;

pub struct ResponseHead {
    pub status: u16,
    pub reason: String,
    pub fields: Vec<(String, String)>,
    minor: u8, // of the version: 1 in HTTP/1.1
}

/// How the end of a body is marked (RFC 9112 section 6.3).
#[derive(Clone, Copy, PartialEq)]
pub enum Length {
    Exactly(u64),
    Chunked,
    UntilClose,
}

// ANCHOR: read
impl ResponseHead {
    /// Reads up to the blank line, and no further.
    pub fn read(reader: &mut impl BufRead) -> shared::Result<Self> {
        let mut limited = reader.take(MAX_HEAD); // for all heads of one answer
        loop {
            let head = lines(&mut limited).and_then(|bytes| Self::parse(&bytes));
            let head = head.context("cannot read the head of the answer")?;
            match head.status {
                101 => return Err(refused("the server wants to speak something else")),
                100..200 => {} // only a hint; the answer is still to come
                _ => return Ok(head),
            }
        }
    }

    fn parse(bytes: &[u8]) -> io::Result<Self> {
        let mut fields = [EMPTY_HEADER; MAX_FIELDS];
        let mut response = Response::new(&mut fields);
        let mut parser = ParserConfig::default();
        parser.allow_obsolete_multiline_headers_in_responses(true);
        // It fills `response` with slices of `bytes`: nothing is copied yet.
        match parser.parse_response(&mut response, bytes) {
            Ok(Complete(_)) => {}
            Ok(Partial) => return wrong("it is empty"),
            Err(error) => return wrong(error),
        }
        let fields = response.headers.iter().map(|field| {
            let value = String::from_utf8_lossy(field.value);
            // A value over several lines is one value (RFC 9112 section 5.2).
            let lines: Vec<_> = value.lines().map(str::trim).collect();
            (field.name.to_string(), lines.join(" "))
        });
        Ok(Self {
            status: response.code.unwrap_or_default(),
            reason: response.reason.unwrap_or_default().to_string(),
            fields: fields.collect(),
            minor: response.version.unwrap_or_default(),
        })
    }
    // ANCHOR_END: read

    // ANCHOR: meaning
    /// The values of a field. It may stand there several times, or be a list with commas.
    fn values(&self, name: &str) -> Vec<&str> {
        let same = |field: &&(String, String)| field.0.eq_ignore_ascii_case(name);
        let fields = self.fields.iter().filter(same);
        fields
            .flat_map(|(_, value)| value.split(',').map(str::trim))
            .collect()
    }

    pub fn length(&self, method: &str) -> shared::Result<Length> {
        if method == "HEAD" || [204, 304].contains(&self.status) {
            return Ok(Length::Exactly(0)); // whatever the fields announce
        }
        let coding = self.values("Transfer-Encoding");
        match (&coding[..], &self.values("Content-Length")[..]) {
            ([], []) => Ok(Length::UntilClose),
            ([], [one, more @ ..]) if more.iter().all(|other| other == one) => {
                // "+5".parse() would be 5.
                let digits = one.bytes().all(|byte| byte.is_ascii_digit());
                let number = one.parse().ok().filter(|_| digits).map(Length::Exactly);
                number.ok_or(refused("its Content-Length is no number"))
            }
            ([], _) => Err(refused("it has two different lengths")),
            // Two programs on the way could believe two different ends of this body. So a
            // stranger could smuggle an answer of their own in after it.
            (_, [_, ..]) => Err(refused("it has a length and a Transfer-Encoding")),
            ([one], []) if one.eq_ignore_ascii_case("chunked") && self.minor == 1 => {
                Ok(Length::Chunked)
            }
            _ => Err(refused("its Transfer-Encoding is not just `chunked`")),
        }
    }

    /// Whether the server waits for a further request when all of this body has come.
    pub fn keeps_open(&self, length: Length) -> bool {
        let options = self.values("Connection");
        let close = |option: &&str| option.eq_ignore_ascii_case("close");
        self.minor == 1 && length != Length::UntilClose && !options.iter().any(close)
    }

    /// Where the page is instead.
    pub fn redirect(&self, from: &Url) -> shared::Result<Option<Url>> {
        let same = |field: &&(String, String)| field.0.eq_ignore_ascii_case("Location");
        match (self.status, self.fields.iter().find(same)) {
            (301 | 302 | 303 | 307 | 308, Some((_, place))) => from.join(place).map(Some),
            _ => Ok(None),
        }
    }
    // ANCHOR_END: meaning
}

fn refused(why: &str) -> Error {
    Error::new(format!("cannot understand the answer: {why}"))
        .hint("this server's answers cannot be trusted; tell its owner")
}

fn wrong<T>(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Result<T> {
    Err(io::Error::new(ErrorKind::InvalidData, why))
}

/// All lines up to the first empty one.
fn lines(reader: &mut Take<impl BufRead>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let start = bytes.len();
        if reader.read_until(b'\n', &mut bytes)? == 0 {
            let end = "the server closed before its end";
            return match reader.limit() {
                0 => wrong("it is longer than 64 KiB"),
                _ => Err(io::Error::new(ErrorKind::UnexpectedEof, end)),
            };
        }
        if matches!(&bytes[start..], b"\r\n" | b"\n") {
            return Ok(bytes);
        }
    }
}
