//! Gives up a client that does not receive for a moment.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
fn main() -> io::Result<()> {
    let l = TcpListener::bind(std::env::args().nth(1).unwrap())?;
    loop {
        match l.accept() {
            Ok((c, who)) => {
                if let Err(e) = echo(c) {
                    println!("{who}: {e}")
                }
            }
            Err(e) => println!("{e}"),
        }
    }
}
fn echo(mut c: TcpStream) -> io::Result<()> {
    c.set_write_timeout(Some(std::time::Duration::from_millis(200)))?;
    let mut b = vec![0; 8000];
    loop {
        let n = match c.read(&mut b) {
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        if n == 0 {
            return Ok(());
        }
        c.write_all(&b[..n])?;
    }
}
