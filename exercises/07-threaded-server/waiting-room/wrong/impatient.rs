//! Gives up a guest who is silent for a second.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
fn main() -> io::Result<()> {
    let l = TcpListener::bind(std::env::args().nth(1).unwrap())?;
    let mut n = 0u64;
    loop {
        let Ok((g, _)) = l.accept() else { continue };
        n += 1;
        let mine = n;
        if let Err(e) = std::thread::Builder::new().spawn(move || turn(&g, mine)) {
            println!("{e}")
        }
    }
}
fn turn(mut g: &TcpStream, n: u64) -> io::Result<()> {
    g.write_all(format!("You are number {n}.\n").as_bytes())?;
    g.set_read_timeout(Some(std::time::Duration::from_millis(1000)))?;
    let mut name = vec![];
    BufReader::new(g).read_until(b'\n', &mut name)?;
    let name = name.trim_ascii_end();
    g.write_all(&[b"It is your turn, ", name, b".\n"].concat())
}
