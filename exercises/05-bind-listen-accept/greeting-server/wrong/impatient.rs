//! Gives up a client that is silent for a second.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
const MAX: u64 = 4002;
fn main() -> io::Result<()> {
    let l = TcpListener::bind(std::env::args().nth(1).unwrap())?;
    for c in l.incoming() {
        if let Err(e) = c.and_then(one) {
            eprintln!("{e}")
        }
    }
    Ok(())
}
fn one(c: TcpStream) -> io::Result<()> {
    c.set_read_timeout(Some(std::time::Duration::from_millis(1000)))?;
    let mut name = vec![];
    let mut r = BufReader::new(&c);
    r.by_ref().take(MAX).read_until(b'\n', &mut name)?;
    if name.pop() != Some(b'\n') {
        return Err(io::Error::other("no line"));
    }
    if name.ends_with(b"\r") {
        name.pop();
    }
    (&c).write_all(&[b"Hello, ", &name[..], b"!\n"].concat())?;
    finish(&c)
}
/// What is still unread would turn the close into a reset.
fn finish(c: &TcpStream) -> io::Result<()> {
    c.shutdown(Shutdown::Write)?;
    c.set_read_timeout(Some(std::time::Duration::from_millis(500)))?;
    let _ = io::copy(&mut c.take(1 << 20), &mut io::sink());
    Ok(())
}
