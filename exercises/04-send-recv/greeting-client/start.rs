//! Exercise greeting-client (build): have a server greet somebody, and print its greeting.
//!
//! Your program has two arguments: HOST:PORT and NAME. HOST may be a name, too, such as
//! localhost. The program connects to HOST:PORT, and sends NAME and the end of a line,
//! `\n` or `\r\n`. The server answers with one line,
//! such as `Hello, NAME!` and `\n`. The program prints this line on standard output as it
//! came, byte for byte and with its `\n`, and nothing else. The exit code is 0.
//!
//! The line has at most 64 KiB with its end, comes in pieces that are cut anywhere, maybe
//! with seconds between them, and need not be UTF-8. When its `\n` has come it is whole:
//! the program does not wait until the server closes, and what comes after the line is
//! not printed. When the server ends or resets before that, with a part of a line or with
//! none, there is no output, but an error message on standard error and exit code 1. The
//! same goes for a NAME with a `\n` or `\r` in it, which is never sent: it would be two
//! lines. Any other NAME is sent as it is, also an empty one.
//!
//! Check it:      cargo run -- check greeting-client
//! Try it:        nc -l 127.0.0.1 7004
//!                then, in another terminal:
//!                cargo run -p mine --example greeting-client -- 127.0.0.1:7004 Ada
//!                Ada stands in the first terminal now: type your greeting there

use std::io::{self, Write};
use std::net::TcpStream;

fn main() -> io::Result<()> {
    let mut args = std::env::args().skip(1);
    let missing = || io::Error::other("type HOST:PORT NAME");
    let address = args.next().ok_or_else(missing)?;
    let name = args.next().ok_or_else(missing)?;
    let mut server = TcpStream::connect(&address)?;
    server.write_all(line(&name)?.as_bytes())?;
    let greeting = greeting(&mut server)?;
    // Only now: an error above has printed nothing.
    io::stdout().write_all(&greeting)
}

/// The name as a line. A name that would be more than one line is an error.
fn line(_name: &str) -> io::Result<String> {
    todo!("the name and its line end; a name with a line end in it is an error")
}

/// Receives the server's line, and returns it with its end.
fn greeting(_server: &mut TcpStream) -> io::Result<Vec<u8>> {
    todo!("receive until the end of the line has come; 0 before it is an error")
}
