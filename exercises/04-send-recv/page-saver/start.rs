//! Exercise page-saver (build): fetch a page and save its body, all of it or nothing.
//!
//! Your program has three arguments: HOST:PORT, PATH and FILE. It connects to HOST:PORT
//! and sends these lines, each with `\r\n` at its end, a blank line after them, and no
//! more:
//!
//!     GET PATH HTTP/1.1
//!     Host: HOST:PORT
//!     Connection: close
//!
//! The answer is a header of at most 64 KiB, a blank line, and the body, as long as it
//! likes. FILE is then to hold the body, byte for byte, and the exit code is 0, whatever
//! the header's first line says. The answer comes in pieces that are cut anywhere, maybe
//! with seconds between them. If the header has a Content-Length (in upper or lower case
//! letters, with a blank after the colon or none), the body is that many bytes: more is
//! not saved. Without one it ends where the server closes. When the connection is reset,
//! or ends before the blank line or the promised length, there is to be no FILE, an error
//! message on standard error, and exit code 1.
//!
//! Check it:      cargo run -- check page-saver
//! Try it:        python3 -m http.server 8000 --bind 127.0.0.1
//!                then, in another terminal:
//!                cargo run -p mine --example page-saver -- localhost:8000 / list.html

use std::io::{self, Write};
use std::net::TcpStream;

fn main() -> io::Result<()> {
    let mut args = std::env::args().skip(1);
    let missing = || io::Error::other("type HOST:PORT PATH FILE");
    let address = args.next().ok_or_else(missing)?;
    let path = args.next().ok_or_else(missing)?;
    let file = args.next().ok_or_else(missing)?;
    let mut server = TcpStream::connect(&address)?;
    let request = request(&address, &path);
    server.write_all(request.as_bytes())?;
    let body = body(&mut server)?;
    // Only now: an error above has left no file.
    std::fs::write(&file, &body)?;
    println!("{file}: {} bytes", body.len());
    Ok(())
}

/// The lines of the request, and the blank line.
fn request(_address: &str, _path: &str) -> String {
    todo!("GET, Host, Connection: close, a blank line")
}

/// Receives the answer, and returns its body.
fn body(_server: &mut TcpStream) -> io::Result<Vec<u8>> {
    todo!("receive to the blank line, look for Content-Length, receive the body")
}
