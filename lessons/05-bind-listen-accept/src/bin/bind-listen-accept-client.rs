//! Lesson 05, the other side: says `Hello, server!` and prints the answer.
//!
//!     cargo run -p bind-listen-accept --bin bind-listen-accept-client
//!     cargo run -p bind-listen-accept --bin bind-listen-accept-client -- 127.0.0.1:8888

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use shared::{Address, Args, Context, exit_on_ctrl_c, practice, println};

const HELP: &str = "\
Says `Hello, server!` to a server, and prints the answer.

usage: bind-listen-accept-client [HOST:PORT] [--timeout SECONDS]

  HOST:PORT          the server; without it, a practice server inside this program
  --timeout SECONDS  how long to wait for the connection, and for the answer (10)

example: cargo run -p bind-listen-accept --bin bind-listen-accept-client -- localhost:8888
";

/// A longer answer is a mistake or an attack: nobody has to buffer that.
const LONGEST: usize = 4096;

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    exit_on_ctrl_c()?;
    let patience = args.seconds("timeout", 10.0)?;
    let address = args.address_or_practice(practice::greeter)?;
    let mut server = connect(&address, patience)?;
    println!("Connected to {address}");

    let sent = server.write_all(b"Hello, server!\n");
    sent.context(format!("cannot send to {address}"))?;
    let answer = receive_line(&mut server, patience)
        .context(format!("cannot get the answer of {address}"))?;
    let cut = if answer.ends_with(b"\n") {
        ""
    } else {
        " (the line has no end)"
    };
    println!("it says: {:?}{cut}", String::from_utf8_lossy(&answer));
    Ok(())
}

/// As in lesson 03: each address of the name, until one answers. Now with std's own type,
/// which is the same socket under another name.
fn connect(address: &Address, patience: Duration) -> shared::Result<TcpStream> {
    let candidates = address
        .resolve()
        .context(format!("cannot resolve {}", address.host))?;
    let mut last = io::Error::other("there is no address to try");
    for candidate in candidates {
        match TcpStream::connect_timeout(&candidate, patience) {
            // Connected to itself, by a rare accident: nobody listens there.
            Ok(stream) if stream.local_addr().is_ok_and(|own| own == candidate) => {
                last = ErrorKind::ConnectionRefused.into();
            }
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last).context(format!("cannot connect to {address}"))
}

/// Receives until the line ends or the server closes. The answer may come in pieces, and
/// the time is for all of them together.
fn receive_line(server: &mut TcpStream, patience: Duration) -> io::Result<Vec<u8>> {
    let end = Instant::now() + patience;
    let mut line = Vec::new();
    let mut piece = [0; 1024];
    while !line.contains(&b'\n') {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::WouldBlock.into());
        }
        server.set_read_timeout(Some(left))?;
        match server.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => line.extend(&piece[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if line.len() > LONGEST {
            let why = format!("it is longer than {LONGEST} bytes and has no end");
            return Err(io::Error::new(ErrorKind::InvalidData, why));
        }
    }
    if line.is_empty() {
        return Err(io::Error::new(
            ErrorKind::UnexpectedEof,
            "it closed and said nothing",
        ));
    }
    Ok(line)
}
