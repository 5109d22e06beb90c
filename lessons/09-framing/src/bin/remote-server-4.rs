//! Lesson 09, step 4: only who knows the token is served.
//!
//!     cargo run -p framing --bin remote-server-4
//!
//! What it cannot do: be careful with those who know it. A shell runs their lines
//! (step 5).

use std::env;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::process::Command;

use framing::frames::{read_frame, write_frame};

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:9000".to_string());
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
    let output = Command::new("sh").arg("-c").arg(line).output()?;
    Ok(output.stdout)
}
