//! Lesson 09, step 7: a limit for the time and for the output.
//!
//!     cargo run -p framing --bin remote-server-7
//!
//! What it cannot do: serve two at a time, be patient only for so long, and end on Ctrl+C
//! (the last program).

use std::env;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

use framing::child::{ChildOutput, Output};
use framing::frames::{read_frame, write_frame};

const ALLOWED: [&str; 3] = ["echo", "ls", "sleep"];
const TIME_LIMIT: Duration = Duration::from_secs(2);
const MOST_OUTPUT: usize = 256 << 20; // 256 MiB

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:9000".to_string());
    let address: SocketAddr = address.parse().map_err(io::Error::other)?;
    if !address.ip().is_loopback() {
        let words = format!("other machines could reach {address}");
        return Err(io::Error::other(words));
    }
    let listener = TcpListener::bind(address)?;
    let mut random = [0; 16]; // 128 bits: nobody guesses that
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let token = format!("{:032x}", u128::from_ne_bytes(random));
    println!("Listening on {}\ntoken: {token}", listener.local_addr()?);

    loop {
        let (client, peer) = listener.accept()?;
        match obey(client, &token) {
            Ok(()) => println!("{peer} has left"),
            Err(error) => println!("{peer} is let go: {error}"),
        }
    }
}

fn obey(mut client: TcpStream, token: &str) -> io::Result<()> {
    let shown = read_frame(&mut client)?;
    if shown != Some(token.as_bytes().to_vec()) {
        return Err(io::Error::other("wrong token"));
    }
    reply(&mut client, b'w', ALLOWED.join(" ").as_bytes())?;
    while let Some(line) = read_frame(&mut client)? {
        let line = String::from_utf8_lossy(&line).into_owned();
        println!("runs {}", line.trim_end());
        run_command(&line, &mut client)?;
    }
    Ok(())
}

fn run_command(line: &str, client: &mut TcpStream) -> io::Result<()> {
    let words = shlex::split(line).unwrap_or_default();
    match words.split_first() {
        Some((name, rest)) if ALLOWED.contains(&name.as_str()) => {
            let program = ChildOutput::new(Command::new(name).args(rest))?;
            pass_on(program, client)
        }
        _ => reply(client, b'!', b"not allowed"),
    }
}

fn pass_on(mut program: ChildOutput, client: &mut TcpStream) -> io::Result<()> {
    let (start, mut output) = (Instant::now(), 0);
    while start.elapsed() < TIME_LIMIT && output < MOST_OUTPUT {
        let (tag, data) = match program.next(Duration::from_millis(200))? {
            Output::Stdout(data) => (b'o', data),
            Output::Stderr(data) => (b'e', data),
            Output::Silence => (b'o', Vec::new()),
            Output::End(code) => return reply(client, b'x', code.to_string().as_bytes()),
        };
        output += data.len();
        reply(client, tag, &data)?;
    }
    drop(program); // this kills it; at each `?` above, the end of its scope does
    reply(client, b'!', b"killed: it took too long, or said too much")
}

/// One frame: what kind of message it is, and the message.
fn reply(client: &mut TcpStream, tag: u8, data: &[u8]) -> io::Result<()> {
    write_frame(client, &[&[tag], data].concat())
}
