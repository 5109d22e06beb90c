//! A name has at most 2 MiB.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;
fn main() -> io::Result<()> {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap())?;
    println!("Listening on {}", listener.local_addr()?);
    let mut number = 0u64;
    loop {
        let guest = match listener.accept() {
            Ok((guest, _)) => guest,
            Err(error) => {
                println!("{error}");
                thread::sleep(Duration::from_millis(20));
                continue;
            }
        };
        number += 1;
        let mine = number;
        thread::spawn(move || {
            if let Err(error) = serve(guest, mine) {
                println!("guest {mine} is lost: {error}");
            }
        });
    }
}
fn serve(mut guest: TcpStream, number: u64) -> io::Result<()> {
    write!(guest, "You are number {number}.\n")?;
    let mut line = Vec::new();
    BufReader::new(guest.try_clone()?)
        .take(2 << 20)
        .read_until(b'\n', &mut line)?;
    if line.pop() != Some(b'\n') {
        return Ok(());
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    let mut answer = b"It is your turn, ".to_vec();
    answer.append(&mut line);
    answer.extend(b".\n");
    guest.write_all(&answer)
}
