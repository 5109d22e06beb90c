//! Goes on after exit, when more has come with it.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::Builder;
fn main() -> io::Result<()> {
    let l = TcpListener::bind(std::env::args().nth(1).unwrap())?;
    loop {
        let Ok((c, who)) = l.accept() else { continue };
        let go = move || {
            if let Err(e) = talk(&c) {
                println!("{who}: {e}")
            }
        };
        if let Err(e) = Builder::new().spawn(go) {
            println!("{who}: {e}")
        }
    }
}
fn talk(mut c: &TcpStream) -> io::Result<()> {
    c.write_all(b"Welcome!\n")?;
    let mut r = BufReader::new(c);
    loop {
        let mut line = vec![];
        r.read_until(b'\n', &mut line)?;
        if line.pop() != Some(b'\n') {
            return Ok(());
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        if line == b"exit" {
            if r.buffer().is_empty() {
                return Ok(());
            }
            continue;
        }
        c.write_all(&[&b"Hello, "[..], &line, b"!\n"].concat())?;
    }
}
