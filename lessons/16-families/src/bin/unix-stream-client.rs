//! Lesson 16, the other side: a client on a Unix-domain stream socket.
//!
//!     cargo run -p families --bin unix-stream-client               (over a socketpair)
//!     cargo run -p families --bin unix-stream-client -- ./my.sock
//!     cargo run -p families --bin unix-stream-client -- @my-name

use std::io::{self, BufRead, ErrorKind, Read, Write};
use std::process::ExitCode;
use std::time::Duration;

use families::{practice, unix_files};
use shared::{Args, Context, DeadlineStream, LineReader, exit_on_ctrl_c};
use shared::{println, visible};
use socket2::{Domain, Socket, Type};

const HELP: &str = "\
Sends each line that you type to a server on this machine, and prints its answers.

usage: unix-stream-client [PATH | @NAME] [--timeout SECONDS]

  PATH               the file of the server's socket
  @NAME              Linux: the server's abstract name
                     without both, a practice server at the end of a socketpair
  --timeout SECONDS  how long to wait for the server each time (5)

example: cargo run -p families --bin unix-stream-client -- ./my.sock
";

const LONGEST_LINE: usize = 8192;

pub fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    exit_on_ctrl_c()?;
    let timeout = args.seconds("timeout", 5.0)?;
    let server = match args.positional() {
        Some(name) => connect(name, timeout)?,
        None => {
            println!(
                "No name given: a practice server in this program has the other end"
            );
            println!("of a socketpair.");
            practice::socketpair().context("cannot start the practice server")?
        }
    };
    println!("{}", who(&server).context("cannot ask who the server is")?);
    let mut server = LineReader::new(DeadlineStream::new(server), LONGEST_LINE);
    talk(&mut server, timeout).context("the talk with the server failed")
}

fn connect(name: &str, timeout: Duration) -> shared::Result<Socket> {
    let address = unix_files::address(name)?;
    let failed = format!("cannot connect to {name}");
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None).context(&failed)?;
    // No packets, no handshake: the kernel puts us into the server's queue at once, or
    // says why not. Only a full queue takes time: Linux waits as long as a send would.
    socket.set_write_timeout(Some(timeout)).context(&failed)?;
    let connected = loop {
        match socket.connect(&address) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            connected => break connected,
        }
    };
    let hint = match connected.as_ref().map_err(io::Error::kind) {
        Err(ErrorKind::NotFound) => "there is no such file: no server has been there yet",
        Err(ErrorKind::ConnectionRefused) => {
            "nobody listens there (any more): start the server; it removes an old file"
        }
        Err(ErrorKind::PermissionDenied) => {
            "you may not write to the file, or not enter a folder on the way: see `ls -l`"
        }
        Err(ErrorKind::WouldBlock) => {
            "the server is there, but accepts nobody: its queue is full"
        }
        _ => {
            "is it the file of a stream socket? `ls -l` shows an `s` in front of a socket"
        }
    };
    connected
        .context(failed)
        .map_err(|error| error.hint(hint))?;
    Ok(socket)
}

/// Who listens there: the credentials are those of the moment when it called `listen`.
#[cfg(target_os = "linux")]
fn who(server: &Socket) -> io::Result<String> {
    use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
    let other = getsockopt(server, PeerCredentials)?;
    Ok(format!(
        "The server is user {}, process {}.",
        other.uid(),
        other.pid()
    ))
}
#[cfg(not(target_os = "linux"))]
fn who(server: &Socket) -> io::Result<String> {
    let (user, _) = unix_files::peer(server)?;
    Ok(format!("The server is user {user}."))
}

fn talk(server: &mut LineReader<DeadlineStream>, timeout: Duration) -> io::Result<()> {
    println!("{}", answer(server, timeout)?);
    loop {
        let mut line = Vec::new();
        io::stdin().lock().take(4000).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(()); // Ctrl+D; the server sees the end when we drop the socket
        }
        if line.len() == 4000 && !line.ends_with(b"\n") {
            return Err(io::Error::other("a line may have 4000 bytes, not more"));
        }
        let whole = [line.trim_ascii_end(), b"\n"].concat();
        server.get_mut().within(timeout).write_all(&whole)?;
        println!("{}", answer(server, timeout)?);
    }
}

/// The server's next line, as in lesson 07.
fn answer(
    server: &mut LineReader<DeadlineStream>,
    timeout: Duration,
) -> io::Result<String> {
    server.get_mut().within(timeout);
    let line = match server.read_line() {
        Err(error) if error.kind() == ErrorKind::InvalidData => {
            let what = "the server sends a line without an end";
            return Err(io::Error::new(ErrorKind::InvalidData, what));
        }
        line => line?,
    };
    let text = visible(&String::from_utf8_lossy(line.trim_ascii_end()));
    let (kind, what) = match text.strip_prefix("error: ") {
        Some(why) => (ErrorKind::ResourceBusy, format!("the server says: {why}")),
        None if line.ends_with(b"\n") => return Ok(text),
        None => {
            let what = format!("the server closed in the middle of an answer: {text:?}");
            (ErrorKind::UnexpectedEof, what)
        }
    };
    Err(io::Error::new(kind, what))
}
