//! Sends away who comes when a hundred are here.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
fn main() -> io::Result<()> {
    let l = TcpListener::bind(std::env::args().nth(1).unwrap())?;
    let live = std::sync::Arc::new(());
    let mut n = 0u64;
    loop {
        let Ok((g, _)) = l.accept() else { continue };
        if std::sync::Arc::strong_count(&live) > 100 {
            continue;
        }
        let ticket = live.clone();
        n += 1;
        let mine = n;
        if let Err(e) = std::thread::Builder::new().spawn(move || {
            let _t = ticket;
            turn(&g, mine)
        }) {
            println!("{e}")
        }
    }
}
fn turn(mut g: &TcpStream, n: u64) -> io::Result<()> {
    g.write_all(format!("You are number {n}.\n").as_bytes())?;
    let mut name = vec![];
    BufReader::new(g).read_until(b'\n', &mut name)?;
    let name = name.trim_ascii_end();
    g.write_all(&[b"It is your turn, ", name, b".\n"].concat())
}
