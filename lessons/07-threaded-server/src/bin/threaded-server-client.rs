//! Lesson 07, the other side: a client that is greeted three times, and says `exit`.
//!
//!     cargo run -p threaded-server --bin threaded-server-client
//!     cargo run -p threaded-server --bin threaded-server-client -- 127.0.0.1:9999

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::process::ExitCode;
use std::time::Duration;

use shared::{Args, Context, DeadlineStream, exit_on_ctrl_c, practice, println, visible};

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
    exit_on_ctrl_c()?;
    let timeout = args.seconds("timeout", 10.0)?;
    let address = args.address_or_practice(practice::greet_names)?;
    // Tries each address of the name, as in lesson 03.
    let server = address.connect(timeout)?;
    // Gives each line the time that `within` says: the `Impatient` of lesson 06.
    let server = DeadlineStream::new(server);
    talk(server, timeout).context(format!("the talk with {address} failed"))
}

fn talk(server: DeadlineStream, timeout: Duration) -> io::Result<()> {
    let mut server = BufReader::new(server);
    println!("{}", answer(&mut server, timeout)?);
    for name in ["Michael", "Tracy", "Sarah"] {
        // Name and end of line in one write. This lesson's server takes it without the
        // end, too; one that reads lines would wait for it.
        let line = format!("{name}\n");
        server
            .get_mut()
            .within(timeout)
            .write_all(line.as_bytes())?;
        println!("{}", answer(&mut server, timeout)?);
    }
    server.get_mut().within(timeout).write_all(b"exit\n")?;
    // The server closes first. A client that did would not know whether it was heard.
    match server.read(&mut [0])? {
        0 => Ok(()),
        _ => Err(io::Error::other("the server goes on after `exit`")),
    }
}

/// The server's next line. It ends at `\n`, however many `recv` that takes.
fn answer(
    server: &mut BufReader<DeadlineStream>,
    timeout: Duration,
) -> io::Result<String> {
    server.get_mut().within(timeout);
    let mut line = Vec::new();
    server
        .by_ref()
        .take(LONGEST_LINE)
        .read_until(b'\n', &mut line)?;
    let whole = line.ends_with(b"\n");
    let text = visible(&String::from_utf8_lossy(line.trim_ascii_end()));
    let (kind, what) = match text.strip_prefix("error: ") {
        Some(why) => (ErrorKind::ResourceBusy, format!("the server says: {why}")),
        None if whole => return Ok(text),
        None if line.len() as u64 == LONGEST_LINE => {
            let what = "the server sends a line without an end";
            (ErrorKind::InvalidData, what.to_string())
        }
        None => {
            let what = format!("the server closed in the middle of an answer: {text:?}");
            (ErrorKind::UnexpectedEof, what)
        }
    };
    Err(io::Error::new(kind, what))
}
