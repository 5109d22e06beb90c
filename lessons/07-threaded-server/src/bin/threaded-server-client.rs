//! Lesson 07, the other side: a client that is greeted three times, and says `exit`.
//!
//!     cargo run -p threaded-server --bin threaded-server-client
//!     cargo run -p threaded-server --bin threaded-server-client -- 127.0.0.1:9999
//!
//! What it cannot do: give up on a server that sends a byte now and then (lesson 09).

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;

use shared::{Args, Context, practice, println, visible};

const HELP: &str = "\
Sends Michael, Tracy, Sarah and exit to a server, and prints what it answers.

usage: threaded-server-client [HOST:PORT] [--timeout SECONDS]

  HOST:PORT          where the server listens; without it, a practice server inside
                     this program
  --timeout SECONDS  how long to wait for the server each time (10)

example: cargo run -p threaded-server --bin threaded-server-client -- 127.0.0.1:9999
";

const LONGEST_LINE: u64 = 4096;

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    shared::exit_on_ctrl_c()?;
    let timeout = args.seconds("timeout", 10.0)?;
    let address = args.address_or_practice(practice::greet_names)?;
    // Tries each address of the name, as in lesson 03.
    let server = address.connect(timeout)?;
    let time = "cannot set a timeout";
    server.set_read_timeout(Some(timeout)).context(time)?;
    server.set_write_timeout(Some(timeout)).context(time)?;
    talk(server).context(format!("the talk with {address} failed"))
}

fn talk(mut server: TcpStream) -> io::Result<()> {
    let mut answers = BufReader::new(server.try_clone()?);
    println!("{}", receive(&mut answers)?); // Welcome!
    for name in ["Michael", "Tracy", "Sarah"] {
        server.write_all(format!("{name}\n").as_bytes())?;
        println!("{}", receive(&mut answers)?);
    }
    server.write_all(b"exit\n")?;
    // The server closes first. A client that did would not know whether it was heard.
    match answers.read(&mut [0])? {
        0 => Ok(()),
        _ => Err(io::Error::other("the server goes on after `exit`")),
    }
}

/// The server's next line, of at most 4096 bytes.
fn receive(answers: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = Vec::new();
    let mut limited = answers.by_ref().take(LONGEST_LINE);
    limited.read_until(b'\n', &mut line)?;
    if limited.limit() == 0 && !line.ends_with(b"\n") {
        let what = "the server sends a line without an end";
        return Err(io::Error::new(ErrorKind::InvalidData, what));
    }
    // What a stranger sends must not steer our terminal.
    let text = visible(&String::from_utf8_lossy(line.trim_ascii_end()));
    if let Some(why) = text.strip_prefix("error: ") {
        let what = format!("the server says: {why}");
        return Err(io::Error::new(ErrorKind::ResourceBusy, what));
    }
    if !line.ends_with(b"\n") {
        let what = format!("the server closed in the middle of an answer: {text:?}");
        return Err(io::Error::new(ErrorKind::UnexpectedEof, what));
    }
    Ok(text)
}
