//! Sends 100 letters of a name at most.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
const MAX: u64 = 64 * 1024;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    match talk(&a[1], &a[2]) {
        Ok(line) => io::stdout().write_all(&line).unwrap(),
        Err(e) => {
            eprintln!("{e}");
            std::process::exit(1)
        }
    }
}
fn talk(to: &str, name: &str) -> io::Result<Vec<u8>> {
    if name.contains(['\r', '\n']) {
        return Err(io::Error::other("more than one line"));
    }
    let s = TcpStream::connect(to)?;
    (&s).write_all(
        format!("{}\r\n", name.chars().take(100).collect::<String>()).as_bytes(),
    )?;
    let mut line = vec![];
    BufReader::new(&s).take(MAX).read_until(b'\n', &mut line)?;
    if line.last() != Some(&b'\n') {
        return Err(io::Error::other("the line has no end"));
    }
    Ok(line)
}
