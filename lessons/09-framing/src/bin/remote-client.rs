//! Lesson 09: a prompt whose commands run on another machine.
//!
//!     cargo run -p framing --bin remote-client
//!     REMOTE_TOKEN=... cargo run -p framing --bin remote-client -- 127.0.0.1:9000

use std::io::{self, BufRead, ErrorKind, Write};
use std::process::ExitCode;
use std::time::Duration;

use encoding_rs::{Decoder, Encoding};
use framing::frames::{read_frame, write_frame};
use framing::practice;
use shared::{Args, Context, DeadlineStream, Error, exit_on_ctrl_c};
use shared::{eprintln, print};

const HELP: &str = "\
Runs programs on a remote-server, and shows what they print. `exit` or Ctrl+D ends it.

usage: remote-client [HOST:PORT] [--token TOKEN] [--encoding NAME] [--raw]

  HOST:PORT        the server; without it, a practice server inside this program
  --token TOKEN    what the server printed; better in the variable REMOTE_TOKEN
  --encoding NAME  how the server's programs write text: utf-8, gbk, shift_jis ... (utf-8)
  --raw            no prompt, and the bytes as they come: for files and pipes

example: REMOTE_TOKEN=5f3a... cargo run -p framing --bin remote-client -- 127.0.0.1:9000
";

/// While a command runs, the server sends at least an empty frame five times a second.
const PATIENCE: Duration = Duration::from_secs(3);

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    exit_on_ctrl_c()?;
    let name = args.values("encoding").last().unwrap_or("utf-8");
    let encoding = Encoding::for_label(name.as_bytes()).ok_or_else(|| {
        Error::usage(format!("`{name}` is no encoding that we know"))
            .hint("write utf-8, gbk, big5, shift_jis, windows-1252 ...")
    })?;
    let encoding = (!args.flag("raw")).then_some(encoding);
    let token: Option<String> = args.value("token")?;
    let token = token.or(std::env::var("REMOTE_TOKEN").ok());
    if token.is_none() && args.positional().is_some() {
        return Err(Error::usage("there is no token")
            .hint("remote-server prints it: set REMOTE_TOKEN, or give --token"));
    }
    let address = args.address_or_practice(practice::remote)?;
    let mut server = DeadlineStream::new(address.connect(PATIENCE)?);
    send(&mut server, token.unwrap_or_default().as_bytes())?;
    let (tag, words) = receive(&mut server)?;
    if tag != b'w' {
        return Err(
            Error::new(format!("{address} refuses: {}", one_line(&words)))
                .hint("each run of the server has a new token: copy what it printed"),
        );
    }
    eprintln!("It runs: {}", one_line(&words));
    prompt(&mut server, encoding)
}

fn prompt(
    server: &mut DeadlineStream,
    encoding: Option<&'static Encoding>,
) -> shared::Result<()> {
    let prompt = if encoding.is_some() { ">>: " } else { "" };
    loop {
        print!("{prompt}");
        let mut line = Vec::new();
        let read = io::stdin().lock().read_until(b'\n', &mut line);
        read.context("cannot read the keyboard")?;
        match line.trim_ascii() {
            b"exit" => return Ok(()),
            b"" if line.is_empty() => break, // Ctrl+D
            b"" => {}
            command => {
                send(server, command)?;
                show(server, encoding)?;
            }
        }
    }
    eprintln!("");
    Ok(())
}

/// Shows one reply, up to the frame that ends it.
fn show(
    server: &mut DeadlineStream,
    encoding: Option<&'static Encoding>,
) -> shared::Result<()> {
    // A decoder keeps the half character at the end of a frame for the next frame.
    let decoder = || encoding.map(|one| one.new_decoder_without_bom_handling());
    let (mut out, mut err) = (decoder(), decoder());
    loop {
        match receive(server)? {
            (b'o', data) => put(&mut io::stdout(), &mut out, &data, false)?,
            (b'e', data) => put(&mut io::stderr(), &mut err, &data, false)?,
            (tag, words) => {
                put(&mut io::stdout(), &mut out, b"", true)?;
                put(&mut io::stderr(), &mut err, b"", true)?;
                match (tag, one_line(&words).as_str()) {
                    (b'x', "0") => {}
                    (b'x', code) => eprintln!("exit code {code}"),
                    (_, why) => eprintln!("the server says: {why}"),
                }
                return Ok(());
            }
        }
    }
}

type Text = Option<Decoder>; // none with --raw

fn put(to: &mut dyn Write, by: &mut Text, data: &[u8], last: bool) -> shared::Result<()> {
    let written = if let Some(decoder) = by {
        let room = decoder.max_utf8_buffer_length(data.len());
        let mut text = String::with_capacity(room.expect("a frame is short"));
        let (_, _, _replaced) = decoder.decode_to_string(data, &mut text, last);
        to.write_all(visible(text.as_bytes()).as_bytes())
    } else {
        to.write_all(data)
    };
    match written.and_then(|()| to.flush()) {
        Err(ref error) if error.kind() == ErrorKind::BrokenPipe => Ok(()), // `| head`
        result => result.context("cannot write the output"),
    }
}

/// What a stranger sends could clear the screen, or hide a line. So no control character
/// reaches the terminal, but for the end of a line and the tab.
fn visible(text: &[u8]) -> String {
    let control = |letter: char| letter.is_control() && !"\n\t".contains(letter);
    let text = String::from_utf8_lossy(text).replace('\r', "");
    text.replace(control, "\u{fffd}")
}

/// The server's words in a line of ours: a second line could look as if we had said it.
fn one_line(words: &[u8]) -> String {
    visible(words).replace('\n', " ")
}

fn send(server: &mut DeadlineStream, message: &[u8]) -> shared::Result<()> {
    let sent = write_frame(server.within(PATIENCE), message);
    sent.context("cannot send to the server")
}

/// The next frame: its tag, and the rest.
fn receive(server: &mut DeadlineStream) -> shared::Result<(u8, Vec<u8>)> {
    let unknown = || {
        Error::new("the server sends no frames that we know")
            .hint("is it a remote-server? check the port")
    };
    let end: io::Error = match read_frame(server.within(PATIENCE)) {
        Ok(Some(frame)) if !frame.is_empty() => {
            return Ok((frame[0], frame[1..].to_vec()));
        }
        Ok(Some(_)) => return Err(unknown()), // it has no tag
        Ok(None) => ErrorKind::UnexpectedEof.into(), // the reply has not ended yet
        Err(error) if error.kind() == ErrorKind::InvalidData => return Err(unknown()),
        Err(error) => error,
    };
    Err(end).context("cannot receive from the server")
}
