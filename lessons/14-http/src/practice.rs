//! Help for lesson 14: the web server that its client talks to without an address.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use shared::close_gracefully;

const PAGE: &str = "This page has a length: you know where it ends before it begins.\n";

/// A web server that keeps its connections open, for lesson 14. `/` is a page with a
/// length, `/old` leads to it, `/chunked` comes in chunks, `/close` until the server
/// closes, `/round` leads to itself, `/slow` never ends.
///
/// # Errors
/// When no listener can be made on 127.0.0.1.
pub fn web() -> io::Result<SocketAddr> {
    shared::practice::tcp(|stream| {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        let mut requests = BufReader::new(&stream);
        while let Some(first) = request(&mut requests)? {
            if !answer(&stream, &first)? {
                break;
            }
        }
        close_gracefully(stream, Duration::from_secs(1));
        Ok(())
    })
}

/// The first line of the next request; none when the client has closed.
fn request(requests: &mut impl BufRead) -> io::Result<Option<String>> {
    // No more than this: a request without an end would fill the memory.
    let mut lines = requests.take(64 * 1024).lines();
    let Some(first) = lines.next().transpose()? else {
        return Ok(None);
    };
    for line in lines {
        if line?.is_empty() {
            return Ok(Some(first));
        }
    }
    Ok(None)
}

/// Whether the client may go on asking.
fn answer(mut stream: &TcpStream, first: &str) -> io::Result<bool> {
    let mut words = first.split(' ');
    let method = words.next().unwrap_or_default();
    let (status, fields, body) = match words.next() {
        Some("/") => ("200 OK", "", PAGE),
        Some("/old") => ("301 Moved Permanently", "Location: /\r\n", ""),
        Some("/round") => ("302 Found", "Location: /round\r\n", ""),
        Some("/chunked") => ("200 OK", "Transfer-Encoding: chunked\r\n", ""),
        Some("/close" | "/slow") => ("200 OK", "Connection: close\r\n", ""),
        _ => ("404 Not Found", "", "There is no such page here.\n"),
    };
    let mut head = format!("HTTP/1.1 {status}\r\nContent-Type: text/plain\r\n{fields}");
    let in_pieces = fields.contains("chunked") || fields.contains("close");
    if !in_pieces {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    if method == "HEAD" {
        return Ok(!fields.contains("close"));
    }
    if fields.contains("close") {
        stream.write_all(b"This page ends where the server closes.\n")?;
        while first.contains("/slow") {
            thread::sleep(Duration::from_millis(50));
            stream.write_all(b".")?;
        }
        return Ok(false);
    }
    if in_pieces {
        for chunk in ["This page comes ", "in chunks, ", "as it is made.\n"] {
            let size = chunk.len();
            stream.write_all(format!("{size:x}\r\n{chunk}\r\n").as_bytes())?;
        }
        stream.write_all(b"0\r\n\r\n")?;
    }
    stream.write_all(body.as_bytes())?;
    Ok(true)
}
