//! Lesson 09, step 6: this machine only.
//!
//!     cargo run -p framing --bin remote-server-6
//!
//! What it cannot do: end a command that runs for ever (step 7).

use std::env;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;

use framing::frames::{read_frame, write_frame};

const ALLOWED: [&str; 3] = ["echo", "ls", "sleep"];

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
    while let Some(line) = read_frame(&mut client)? {
        let line = String::from_utf8_lossy(&line).into_owned();
        println!("runs {}", line.trim_end());
        let output = run_command(&line)?;
        write_frame(&mut client, &output)?;
    }
    Ok(())
}

fn run_command(line: &str) -> io::Result<Vec<u8>> {
    let words = shlex::split(line).unwrap_or_default();
    match words.split_first() {
        Some((name, rest)) if ALLOWED.contains(&name.as_str()) => {
            let output = Command::new(name).args(rest).output()?;
            Ok(output.stdout)
        }
        _ => Ok(format!("only allowed: {}\n", ALLOWED.join(" ")).into_bytes()),
    }
}
