//! Exercise chunked-reader (build): a body whose length nobody knew when it began.
//!
//! Your program has one argument, HOST:PORT. It connects, asks for the path /, and takes the
//! head of the answer; all that is written already. The body comes in chunks:
//!
//!     5\r\n          a size, in hexadecimal: 1a and 1A are 26, and so is 001a
//!     hello\r\n      so many bytes of any kind, and a line end that is none of them
//!     0\r\n          a chunk of size 0 is the last
//!     \r\n           an empty line
//!
//! Print the body, byte for byte, and end with exit code 0. The server may take its time, and
//! the body may have some megabytes. The server keeps the connection open: do not wait for its
//! end. After a size there may be a `;` and more, which you leave out, and after the last chunk
//! there may be lines such as `Expires: 0` before the empty one.
//!
//! An error is a body that ends before its last chunk (a size that ends before its line is no
//! size yet); one in which no line end follows the bytes of a chunk; and one whose size is no
//! size: anything but hexadecimal digits, or more than a number can hold. (Blanks beside a size
//! may be left out, or be an error.) Then print none of it, but a message on standard error,
//! and end at once with exit code 1.
//!
//! Check it:      cargo run -- check chunked-reader
//! Try it:        nc -C -l 127.0.0.1 7114, and type an answer there, after
//!                cargo run -p mine --example chunked-reader -- 127.0.0.1:7114
//!                in another terminal

use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;

fn main() -> io::Result<()> {
    let missing = || io::Error::other("type HOST:PORT");
    let address = std::env::args().nth(1).ok_or_else(missing)?;
    let mut server = TcpStream::connect(&address)?;
    write!(server, "GET / HTTP/1.1\r\nHost: {address}\r\n\r\n")?;
    let mut server = BufReader::new(server);
    while !line(&mut server)?.is_empty() {} // the head: we know what it says
    let body = body(&mut server)?;
    io::stdout().write_all(&body)
}

/// The next line, without its end.
fn line(server: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    server.read_line(&mut line)?;
    match line.strip_suffix('\n') {
        Some(line) => Ok(line.trim_end_matches('\r').to_string()),
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// Receives all chunks, and returns what is in them.
fn body(_server: &mut BufReader<TcpStream>) -> io::Result<Vec<u8>> {
    todo!(
        "a size, so many bytes, a line end, until the size is 0; then up to an empty line"
    )
}
