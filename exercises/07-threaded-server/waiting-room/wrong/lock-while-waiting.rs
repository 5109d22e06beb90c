//! Counts behind a lock, and holds it while its guest is here.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    let count = Arc::new(Mutex::new(0));
    for guest in listener.incoming().flatten() {
        let count = Arc::clone(&count);
        thread::spawn(move || {
            let mut number = count.lock().unwrap();
            *number += 1;
            serve(guest, *number).ok();
        });
    }
}

fn serve(mut guest: TcpStream, number: u32) -> io::Result<()> {
    guest.write_all(format!("You are number {number}.\n").as_bytes())?;
    let mut name = Vec::new();
    BufReader::new(&guest).read_until(b'\n', &mut name)?;
    guest.write_all(&[b"It is your turn, ", name.trim_ascii_end(), b".\n"].concat())
}
