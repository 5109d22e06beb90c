// ANCHOR: all
//! Lesson 04: fetch a web page by hand: send the request, receive until the end.
//!
//!     python3 -m http.server 8000          (a server, in a second terminal)
//!     cargo run -p send-recv -- localhost:8000 --path /LICENSE-MIT --save copy.txt

use std::io::ErrorKind::{Interrupted, InvalidData, UnexpectedEof, Unsupported};
use std::io::{self, Read, Write};
use std::process::ExitCode;

use shared::{Args, Context, Download, Error, exit_on_ctrl_c};
use shared::{practice, print, visible};
use socket2::Socket;

const HELP: &str = "\
Fetches a web page by hand: sends a GET, prints the header, prints or saves the body.

usage: send-recv [HOST:PORT] [--path PATH] [--save FILE] [--timeout SECONDS]

  HOST:PORT          a web server; without it, a practice server inside this program
  --path PATH        which page to ask for (/)
  --save FILE        save the body; without it, a short text is printed
  --timeout SECONDS  how long to bear silence (10)

example: cargo run -p send-recv -- example.com:80 --save page.html
";

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    exit_on_ctrl_c()?;
    let timeout = args.seconds("timeout", 10.0)?;
    let path = args.value("path")?.unwrap_or("/".to_string());
    // A line end in the path would add lines to the header that nobody meant.
    if !path.starts_with('/') || !path.bytes().all(|byte| byte.is_ascii_graphic()) {
        let hint = "begin with /, and write a space as %20: /my%20page.html";
        return Err(Error::usage(format!("{path:?} is not a path")).hint(hint));
    }
    let address = args.address_or_practice(practice::page)?;

    // ANCHOR: talk
    let host = address.for_host_header();
    let get = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    let mut socket = Socket::from(address.connect(timeout)?);
    // How long one `send` or `recv` may wait: without a limit, silence holds us for ever.
    let max = Some(timeout);
    socket.set_write_timeout(max).context("cannot limit send")?;
    socket.set_read_timeout(max).context("cannot limit recv")?;

    print!("{}", visible(&get));
    send_all(&socket, get.as_bytes()).context("cannot send the request")?;

    let mut bytes = Vec::new(); // what has come and is not used yet
    let header = receive_header(&mut socket, &mut bytes);
    let header = header.context("cannot receive a header")?;
    print!("{}", visible(&header));
    let length = body_length(&header).context("cannot read the header")?;
    // ANCHOR_END: talk

    // ANCHOR: body
    let mut body = Download::to(args.value("save")?)?; // a file, or the screen
    let mut left = length.unwrap_or(u64::MAX);
    while left > 0 {
        if bytes.is_empty()
            && receive(&mut socket, &mut bytes).context("cannot receive the body")? == 0
        {
            break; // The server has closed.
        }
        // What comes after the promised length is not the page.
        bytes.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        body.write_all(&bytes).context("cannot save the body")?;
        left -= bytes.len() as u64;
        bytes.clear();
    }
    if length.is_some() && left > 0 {
        let what = format!("cannot receive the last {left} bytes of the body");
        return Err(io::Error::from(UnexpectedEof)).context(what);
    }
    body.finish()
    // ANCHOR_END: body
} // Here `socket` goes out of scope, and is closed.

// ANCHOR: send
/// `send` may take fewer bytes than it was given, and says how many.
fn send_all(socket: &Socket, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match socket.send(bytes) {
            Ok(count) => bytes = &bytes[count..],
            // A signal came before a byte was taken: nothing is lost, once more.
            Err(error) if error.kind() == Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
// ANCHOR_END: send

// ANCHOR: receive
/// recv: waits for bytes, appends those that are there, and returns how many. 0: no more.
fn receive(socket: &mut Socket, bytes: &mut Vec<u8>) -> io::Result<usize> {
    let mut buffer = [0; 16 * 1024];
    let count = loop {
        match socket.read(&mut buffer) {
            Err(error) if error.kind() == Interrupted => {} // a signal came: once more
            result => break result?,
        }
    };
    bytes.extend_from_slice(&buffer[..count]);
    Ok(count)
}

/// Receives up to the blank line. What came after it stays in `bytes`.
fn receive_header(socket: &mut Socket, bytes: &mut Vec<u8>) -> io::Result<String> {
    loop {
        // Its four bytes can come in pieces, too: look at all that is there.
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let header: Vec<u8> = bytes.drain(..end + 4).collect();
            let header = String::from_utf8_lossy(&header).into_owned();
            if !header.starts_with("HTTP/1.1 1") {
                return Ok(header);
            } // 1xx: the answer itself is still to come (RFC 9110 section 15.2).
        } else if bytes.len() > 64 * 1024 {
            return Err(io::Error::new(InvalidData, "it is longer than 64 KiB"));
        } else if receive(socket, bytes)? == 0 {
            return Err(io::Error::new(UnexpectedEof, "no blank line came"));
        }
    }
}
// ANCHOR_END: receive

// ANCHOR: length
/// How long the body is; None means until the peer closes (RFC 9112 section 6.3).
fn body_length(header: &str) -> io::Result<Option<u64>> {
    if !header.starts_with("HTTP/1.") {
        return Err(io::Error::new(InvalidData, "it is not HTTP/1"));
    }
    let mut length = None;
    for (name, value) in header.lines().filter_map(|line| line.split_once(':')) {
        if name.eq_ignore_ascii_case("content-length") {
            let wrong = |_| io::Error::new(InvalidData, "Content-Length is no number");
            length = Some(value.trim().parse().map_err(wrong)?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            let what = "the body comes in chunks, which lesson 14 puts together";
            return Err(io::Error::new(Unsupported, what));
        }
    }
    Ok(length)
}
