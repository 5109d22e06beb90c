//! Takes an empty line for the end.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;
const MAX: u64 = 4096;
const PATIENCE: Duration = Duration::from_secs(30);
fn main() -> io::Result<()> {
    let l = TcpListener::bind(std::env::args().nth(1).unwrap())?;
    println!("Listening on {}", l.local_addr()?);
    loop {
        match l.accept() {
            Ok((c, who)) => match one(&c) {
                Ok(()) => println!("{who} done"),
                Err(e) => println!("{who}: {e}"),
            },
            Err(e) => {
                println!("{e}");
                std::thread::sleep(Duration::from_millis(50))
            }
        }
    }
}
fn one(mut c: &TcpStream) -> io::Result<()> {
    c.set_read_timeout(Some(PATIENCE))?;
    c.set_write_timeout(Some(PATIENCE))?;
    let mut r = BufReader::new(c);
    loop {
        let mut line = b"OK... ".to_vec();
        if r.by_ref().take(MAX).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        if !line.ends_with(b"\n") {
            return Err(io::Error::other("no line"));
        }
        if line == b"OK... \n" {
            return Ok(());
        }
        c.write_all(&line)?;
    }
}
