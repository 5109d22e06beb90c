//! Ends after a megabyte.

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
    let mut b = vec![0; 8000];
    let mut total = 0;
    while total < 1024 * 1024 {
        let n = match c.read(&mut b) {
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        total += n;
        if n == 0 {
            return Ok(());
        }
        c.write_all(&b[..n])?;
    }
    Ok(())
}
