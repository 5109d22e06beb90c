//! Lesson 12: what a question costs that is sent in two small pieces, and what helps.
//!
//!     cargo run -p options --bin options-nagle

use std::io::{self, IoSlice, Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use options::{median, tcp_pair};
use shared::{Args, Context, exit_on_ctrl_c, println};

const HELP: &str = "\
Sends questions in two small pieces, in several ways, and measures the time to the answer.

usage: options-nagle

example: cargo run -p options --bin options-nagle
";

const QUESTIONS: usize = 20;
const HEAD: &[u8] = b"head ";
const BODY: &[u8] = b"body\n";
const BOTH: &[u8] = b"head body\n";

/// A way to send a question. All of them put the same ten bytes into the stream.
type Way = fn(&TcpStream) -> io::Result<()>;

const WAYS: &[(&str, Way)] = &[
    ("two writes", two_writes),
    ("two writes, TCP_NODELAY", without_nagle),
    ("one write", one_write),
    ("one write_vectored", write_vectored),
    #[cfg(target_os = "linux")]
    ("two writes, TCP_CORK", with_a_cork),
];

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    args.no_address()?;
    exit_on_ctrl_c()?;
    println!("{QUESTIONS} questions, one after the other");
    for (name, way) in WAYS {
        let took = ask(*way).context("cannot measure")?;
        let first = milliseconds(took[0]);
        let together = milliseconds(took.iter().sum());
        let median = milliseconds(median(took));
        println!("  {name:23}  first {first}   median {median}   together {together}");
    }
    Ok(())
}

fn milliseconds(time: Duration) -> String {
    format!("{:6.2} ms", time.as_secs_f64() * 1000.0)
}

/// Asks all questions over a new connection; returns how long each answer took.
fn ask(send: Way) -> io::Result<Vec<Duration>> {
    let (mut client, mut server) = tcp_pair()?;
    let mut took = Vec::new();
    for _ in 0..QUESTIONS {
        let start = Instant::now();
        send(&client)?;
        server.read_exact(&mut [0; BOTH.len()])?;
        server.write_all(b"!")?;
        client.read_exact(&mut [0])?;
        took.push(start.elapsed());
    }
    Ok(took)
}

fn two_writes(mut stream: &TcpStream) -> io::Result<()> {
    stream.write_all(HEAD)?;
    stream.write_all(BODY) // Nagle: not before the first piece has its ACK
}

fn without_nagle(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?; // once would do: the option stays
    two_writes(stream)
}

fn one_write(mut stream: &TcpStream) -> io::Result<()> {
    stream.write_all(BOTH)
}

fn write_vectored(mut stream: &TcpStream) -> io::Result<()> {
    // One system call for several pieces, without copying them together. It may take
    // fewer bytes than there are, as `write` may; then the rest is sent after it.
    let sent = stream.write_vectored(&[IoSlice::new(HEAD), IoSlice::new(BODY)])?;
    stream.write_all(&BOTH[sent..])
}

#[cfg(target_os = "linux")]
fn with_a_cork(stream: &TcpStream) -> io::Result<()> {
    let socket = socket2::SockRef::from(stream);
    socket.set_tcp_cork(true)?;
    two_writes(stream)?;
    socket.set_tcp_cork(false) // out with it
}
