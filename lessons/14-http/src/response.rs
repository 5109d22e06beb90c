// ANCHOR: all
//! Lesson 14, a part of `cargo run -p http`: the head of an answer, and what it means.

use std::io::ErrorKind::{InvalidData, UnexpectedEof};
use std::io::{self, BufRead, Read, Take};

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
    pub minor: u8, // of the version: 1 in HTTP/1.1
}

/// How the end of a body is marked (RFC 9112 section 6.3).
#[derive(Clone, Copy, PartialEq)]
pub enum Length {
    Exactly(u64),
    Chunked,
    UntilClose,
}

impl ResponseHead {
    /// Reads up to the blank line, and no further.
    pub fn read(reader: &mut impl BufRead) -> shared::Result<Self> {
        let mut limited = reader.take(MAX_HEAD); // for all heads of one answer
        loop {
            let bytes =
                lines(&mut limited).context("cannot read the head of the answer")?;
            let head = Self::parse(&bytes)?;
            match head.status {
                101 => return Err(refused("the server wants to speak something else")),
                100..200 => {} // only a hint; the answer is still to come
                _ => return Ok(head),
            }
        }
    }

    fn parse(bytes: &[u8]) -> shared::Result<Self> {
        if !is_http(bytes) {
            let what = "cannot read the head of the answer: it is no HTTP";
            let hint =
                "something else answers at this port, or it wants TLS; check the port";
            return Err(Error::new(what).hint(hint));
        }
        let mut fields = [EMPTY_HEADER; MAX_FIELDS];
        let mut response = Response::new(&mut fields);
        let mut parser = ParserConfig::default();
        parser.allow_obsolete_multiline_headers_in_responses(true);
        // It fills `response` with slices of `bytes`: nothing is copied yet.
        match parser.parse_response(&mut response, bytes) {
            Ok(Complete(_)) => {}
            Ok(Partial) => return Err(refused("a part of its head is missing")),
            Err(error) => return Err(refused(&error.to_string())),
        }
        let mut fields = Vec::new();
        for field in response.headers.iter() {
            fields.push((field.name.to_string(), text(field.value)));
        }
        Ok(Self {
            status: response.code.unwrap_or_default(),
            reason: response.reason.unwrap_or_default().to_string(),
            fields,
            minor: response.version.unwrap_or_default(),
        })
    }

    /// The values of a field. It may stand there several times, or be a list with commas.
    fn values(&self, name: &str) -> Vec<&str> {
        let mut values = Vec::new();
        for (_, value) in self.fields.iter().filter(|field| is_named(field, name)) {
            values.extend(value.split(',').map(str::trim));
        }
        values
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
                match one.parse() {
                    Ok(number) if digits => Ok(Length::Exactly(number)),
                    _ => Err(refused("its Content-Length is no number")),
                }
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
        let mut fields = self.fields.iter();
        match (
            self.status,
            fields.find(|field| is_named(field, "Location")),
        ) {
            (301 | 302 | 303 | 307 | 308, Some((_, place))) => from.join(place).map(Some),
            _ => Ok(None),
        }
    }
}

fn is_named(field: &(String, String), name: &str) -> bool {
    field.0.eq_ignore_ascii_case(name)
}

fn refused(why: &str) -> Error {
    Error::new(format!("cannot understand the answer: {why}"))
        .hint("this server's answers cannot be trusted; tell its owner")
}

/// The value of a field. A value over several lines is one value (RFC 9112 section 5.2).
/// A byte that is no UTF-8 becomes `%E9`, as in a URL: a Location leads there.
fn text(value: &[u8]) -> String {
    let mut text = String::new();
    for part in value.utf8_chunks() {
        text.push_str(part.valid());
        for byte in part.invalid() {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    lines.join(" ")
}

/// Whether it begins as an answer begins, as far as it has come.
fn is_http(bytes: &[u8]) -> bool {
    let count = bytes.len().min(5);
    bytes[..count] == b"HTTP/"[..count]
}

/// All lines up to the first empty one; or what came of something that is no HTTP.
fn lines(reader: &mut Take<impl BufRead>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let start = bytes.len();
        if reader.read_until(b'\n', &mut bytes)? == 0 {
            return match reader.limit() {
                _ if !is_http(&bytes) => Ok(bytes), // SSH, TLS, mail …
                0 => Err(io::Error::new(InvalidData, "it is longer than 64 KiB")),
                _ => Err(io::Error::new(
                    UnexpectedEof,
                    "the server closed before its end",
                )),
            };
        }
        if matches!(&bytes[start..], b"\r\n" | b"\n") {
            return Ok(bytes);
        }
    }
}
