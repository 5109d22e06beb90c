use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use crate::close_gracefully;

/// A web server with one page, for lesson 04: answers one GET and closes.
///
/// # Errors
/// When no listener can be made on 127.0.0.1.
pub fn page() -> io::Result<SocketAddr> {
    super::tcp(|stream| {
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        // No more than this: a request without an end would fill the memory.
        let mut request = BufReader::new((&stream).take(64 * 1024)).lines();
        let first = request.next().transpose()?.unwrap_or_default();
        // The header ends at the first empty line (RFC 9112 section 2.1).
        for line in request {
            if line?.is_empty() {
                break;
            }
        }
        let mut words = first.split(' ');
        let (status, body) = match (words.next(), words.next()) {
            (Some("GET"), Some(path)) => ("200 OK", body(path)),
            (Some(_), Some(_)) => ("405 Method Not Allowed", "only GET\n".to_string()),
            _ => ("400 Bad Request", "that was no request line\n".to_string()),
        };
        let length = body.len();
        let reply = format!(
            "HTTP/1.1 {status}\r\n\
             Content-Type: text/html; charset=utf-8\r\n\
             Content-Length: {length}\r\n\
             Connection: close\r\n\
             \r\n\
             {body}"
        );
        (&stream).write_all(reply.as_bytes())?;
        close_gracefully(stream, Duration::from_secs(1));
        Ok(())
    })
}

fn body(path: &str) -> String {
    let path = path.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        "<!doctype html>\n\
         <title>The practice page</title>\n\
         <h1>You fetched {path} by hand.</h1>\n\
         <p>A GET went out, these bytes came back. It is the same with every web server.</p>\n"
    )
}
