//! Prints a megabyte of the page at most.

use std::io::{self, Read, Write};
use std::net::TcpStream;
const MAX: usize = 64 * 1024;
fn main() {
    let mut a = std::env::args().skip(1);
    let (addr, path) = (a.next().unwrap(), a.next().unwrap());
    if let Err(e) = run(&addr, &path) {
        eprintln!("{e}");
        std::process::exit(1)
    }
}
fn run(addr: &str, path: &str) -> io::Result<()> {
    let mut s = TcpStream::connect(addr)?;
    write!(
        s,
        "{}",
        format!("GET {path} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n")
    )?;
    let mut buf = vec![];
    let mut piece = [0; 1500];
    let end = loop {
        if let Some(i) = buf.windows(4).position(|w| w == b"\r\n\r\n") {
            break i + 4;
        }
        if buf.len() >= MAX {
            return Err(io::Error::other("header too long"));
        }
        let want = piece.len().min(MAX - buf.len());
        match s.read(&mut piece[..want])? {
            0 => return Err(io::Error::other("closed in the header")),
            n => buf.extend(&piece[..n]),
        }
    };
    let mut page = buf.split_off(end);
    s.take(1 << 20).read_to_end(&mut page)?;
    io::stdout().write_all(&page)
}
