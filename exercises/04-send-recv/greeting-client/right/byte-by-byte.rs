//! One byte with each recv; its sending is half-closed after the name.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::ExitCode;

fn main() -> ExitCode {
    match greeting() {
        Ok(line) if io::stdout().write_all(&line).is_ok() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("no greeting: {error}");
            ExitCode::FAILURE
        }
    }
}

fn greeting() -> io::Result<Vec<u8>> {
    let mut args = std::env::args().skip(1);
    let (address, name) = (args.next().unwrap(), args.next().unwrap());
    let mut server = TcpStream::connect(address)?;
    if name.bytes().any(|byte| byte == b'\n' || byte == b'\r') {
        return Err(io::Error::other("the name has a line end in it"));
    }
    for byte in name.bytes().chain([b'\n']) {
        server.write_all(&[byte])?;
    }
    server.shutdown(Shutdown::Write)?;
    let (mut line, mut byte) = (Vec::new(), [0]);
    while line.last() != Some(&b'\n') {
        server.read_exact(&mut byte)?;
        line.extend(byte);
    }
    Ok(line)
}
