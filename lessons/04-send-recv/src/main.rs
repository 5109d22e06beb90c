// ANCHOR: all
//! Lesson 04: fetch a web page by hand, all of it or nothing.
//!
//!     python3 -m http.server 8000 --bind 127.0.0.1        (in a second terminal)
//!     cargo run -p send-recv -- localhost:8000 --path /LICENSE-MIT --save copy.txt
//!
//! What it cannot do: give up a server that sends a byte now and then, each in time
//! (lesson 09); put a body in chunks together, go where a page has moved to (lesson 14).

use std::io::ErrorKind::{Interrupted, InvalidData, UnexpectedEof, Unsupported};
use std::io::{self, Read, Write};
use std::process::ExitCode;

use shared::{Args, Context, Download, Error};
use shared::{eprintln, exit_on_ctrl_c, practice, visible};
use socket2::Socket;

const HELP: &str = "\
Fetches a web page by hand: sends a GET, receives the header, then the page to its end.

usage: send-recv [HOST:PORT] [--path PATH] [--save FILE] [--timeout SECONDS]

  HOST:PORT          a web server; without it, a practice server inside this program
  --path PATH        which page to ask for (/)
  --save FILE        save the page; without it, a short text is printed
  --timeout SECONDS  how long to bear silence (10)

Standard output is the page and nothing else; all notes go to standard error.

example: cargo run -p send-recv -- example.com:80 --save page.html
";

const LONGEST_HEADER: usize = 64 * 1024;
const BUFFER: usize = 16 * 1024;

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    exit_on_ctrl_c()?;
    let timeout = args.seconds("timeout", 10.0)?;
    let path = args.value("path")?.unwrap_or("/".to_string());
    check_path(&path)?;
    let address = args.address_or_practice(practice::page)?;

    let mut socket = Socket::from(address.connect(timeout)?);
    let limit = Some(timeout);
    socket
        .set_write_timeout(limit)
        .context("cannot limit send")?;
    socket
        .set_read_timeout(limit)
        .context("cannot limit recv")?;

    let host = address.for_host_header();
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    show(&request);
    send_all(&socket, request.as_bytes()).context("cannot send the request")?;

    let received = receive_header(&mut socket);
    let (header, start) = received.context("cannot receive a header")?;
    show(&header);
    check_status(&header)?;
    let length = content_length(&header).context("cannot read the header")?;

    let mut page = Download::to(args.value("save")?)?; // a file, or the screen
    receive_body(&mut socket, &start, length, &mut page)?;
    page.finish()
}

/// The path becomes a part of the header: a line end in it would add lines to that.
fn check_path(path: &str) -> shared::Result<()> {
    if path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    let hint = "begin with /, and write a space as %20: /my%20page.html";
    Err(Error::usage(format!("{path:?} is not a path")).hint(hint))
}

/// A header on standard error, without what a terminal would take for commands.
fn show(header: &str) {
    eprintln!("{}\n", visible(header).trim_end());
}

/// send takes what it can, and says how many bytes that were: the rest is sent again.
fn send_all(socket: &Socket, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match socket.send(bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == Interrupted => {} // none was taken: again
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// recv, and once more where a signal has interrupted it.
fn receive(socket: &mut Socket, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match socket.read(buffer) {
            Err(error) if error.kind() == Interrupted => {}
            result => return result,
        }
    }
}

/// The header as text, and what has come of the body with it.
fn receive_header(socket: &mut Socket) -> io::Result<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut buffer = [0; BUFFER];
    let mut received = 0;
    loop {
        // A piece may end anywhere, also between these four bytes: look at all of it.
        let blank_line = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(start) = blank_line {
            let body = bytes.split_off(start + 4);
            let header = String::from_utf8_lossy(&bytes).to_string();
            if !header.starts_with("HTTP/1.1 1") {
                return Ok((header, body));
            }
            // 1xx: the answer itself is still to come (RFC 9110 section 15.2).
            bytes = body;
            continue;
        }
        if received > LONGEST_HEADER {
            return Err(io::Error::new(InvalidData, "it is longer than 64 KiB"));
        }
        let count = receive(socket, &mut buffer)?;
        if count == 0 {
            return Err(io::Error::new(UnexpectedEof, "no blank line came"));
        }
        bytes.extend_from_slice(&buffer[..count]);
        received += count;
    }
}

/// Only 2xx brings the page. Any other status brings a page about what is wrong.
fn check_status(header: &str) -> shared::Result<()> {
    let line = header.lines().next().unwrap_or_default(); // HTTP/1.1 404 Not Found
    let (version, status) = line.split_once(' ').unwrap_or((line, ""));
    if !version.starts_with("HTTP/1.") {
        let error = io::Error::new(InvalidData, "it is not HTTP/1");
        return Err(error).context("cannot read the header");
    }
    let hint = match status.chars().next() {
        Some('2') => return Ok(()),
        Some('3') => {
            "the page is elsewhere, its Location says where; lesson 14 goes there"
        }
        Some('4') => "the server has no such page for us; check --path",
        _ => "that is the server's own trouble; ask it again later",
    };
    Err(Error::new(format!("the server answered {}", visible(status))).hint(hint))
}

/// How long the body will be. None: it goes on until the server closes.
fn content_length(header: &str) -> io::Result<Option<usize>> {
    let wrong = |what| Err(io::Error::new(InvalidData, what));
    if header.starts_with("HTTP/1.1 204") {
        return Ok(Some(0)); // No Content, whatever is announced
    }
    let mut length = None;
    for line in header.lines() {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        if name.ends_with([' ', '\t']) {
            return wrong("a name ends with a space"); // who knows which name is meant
        }
        if name.eq_ignore_ascii_case("content-length") {
            let value = value.trim();
            let all_digits = value.bytes().all(|byte| byte.is_ascii_digit());
            let Some(number) = value.parse().ok().filter(|_| all_digits) else {
                return wrong("Content-Length is no number"); // "+5".parse() would be 5
            };
            if length.is_some_and(|other| other != number) {
                return wrong("it has two different lengths");
            }
            length = Some(number);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            let what = "the body comes in chunks, which lesson 14 puts together";
            return Err(io::Error::new(Unsupported, what));
        }
    }
    Ok(length)
}

/// Passes the body on piece by piece, so that a large page takes no more memory.
fn receive_body(
    socket: &mut Socket,
    start: &[u8],
    length: Option<usize>,
    page: &mut Download,
) -> shared::Result<()> {
    let mut left = length.unwrap_or(usize::MAX);
    let mut buffer = [0; BUFFER];
    let mut piece = start;
    loop {
        let count = left.min(piece.len()); // what comes after the length is not the page
        page.write_all(&piece[..count])
            .context("cannot save the body")?;
        left -= count;
        if left == 0 {
            return Ok(()); // we need not wait until the server closes
        }
        let count = receive(socket, &mut buffer).context("cannot receive the body")?;
        if count == 0 {
            break; // the server has closed
        }
        piece = &buffer[..count];
    }
    if length.is_none() {
        return Ok(());
    }
    let what = format!("cannot receive the last {left} bytes of the body");
    Err(io::Error::from(UnexpectedEof)).context(what)
}
// ANCHOR_END: all
