//! Tells the next guest that it is busy.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    let here = Arc::new(());
    for (guest, number) in listener.incoming().flatten().zip(1..) {
        if Arc::strong_count(&here) > 1 {
            (&guest).write_all(b"Please come back later.\n").ok();
            continue;
        }
        let here = Arc::clone(&here);
        thread::spawn(move || {
            serve(&guest, number).ok();
            drop(here);
        });
    }
}

fn serve(mut guest: &TcpStream, number: u32) -> io::Result<()> {
    guest.write_all(format!("You are number {number}.\n").as_bytes())?;
    let mut name = Vec::new();
    BufReader::new(guest).read_until(b'\n', &mut name)?;
    guest.write_all(&[b"It is your turn, ", name.trim_ascii_end(), b".\n"].concat())
}
