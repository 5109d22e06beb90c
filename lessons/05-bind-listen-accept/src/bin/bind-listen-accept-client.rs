//! Lesson 05, the client: says `Hello, server!` and prints the answer.
//!
//!     cargo run -p bind-listen-accept --bin bind-listen-accept-client -- 127.0.0.1:8888
//!
//! What it cannot do: refuse a line that never ends (lesson 06), give up a server that
//! sends a byte now and then: each byte is in time (lesson 09).

use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::Duration;

use shared::{Args, Context, practice, println};

const HELP: &str = "\
Says `Hello, server!` to a server, and prints the answer.

usage: bind-listen-accept-client [HOST:PORT] [--timeout SECONDS]

  HOST:PORT          the server; without it, a practice server inside this program
  --timeout SECONDS  how long to wait for the connection, and for the answer (10)

example: cargo run -p bind-listen-accept --bin bind-listen-accept-client -- localhost:8888
";

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    shared::exit_on_ctrl_c()?;
    let patience = args.seconds("timeout", 10.0)?;
    let address = args.address_or_practice(practice::greeter)?;
    let server = address.connect(patience)?; // lesson 03: each address in turn
    println!("Connected to {address}");
    let answer =
        ask(server, patience).context(format!("cannot get the answer of {address}"))?;
    let text = String::from_utf8_lossy(&answer);
    if answer.ends_with(b"\n") {
        println!("it says: {text:?}");
    } else {
        println!("it says: {text:?} (the line has no end)");
    }
    Ok(())
}

fn ask(mut server: TcpStream, patience: Duration) -> io::Result<Vec<u8>> {
    server.set_read_timeout(Some(patience))?;
    server.write_all(b"Hello, server!\n")?;
    let mut line = Vec::new();
    BufReader::new(server).read_until(b'\n', &mut line)?; // recv, until the line ends
    if line.is_empty() {
        let why = "it closed and said nothing";
        return Err(io::Error::new(ErrorKind::UnexpectedEof, why));
    }
    Ok(line)
}
