//! Joins, but only threads that have ended.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    let mut threads = Vec::new();
    for (guest, number) in listener.incoming().flatten().zip(1..) {
        threads.push(thread::spawn(move || serve(guest, number)));
        for thread in threads.extract_if(.., |thread| thread.is_finished()) {
            println!("{:?}", thread.join());
        }
    }
}

fn serve(mut guest: TcpStream, number: u32) -> io::Result<()> {
    guest.write_all(format!("You are number {number}.\n").as_bytes())?;
    let mut name = Vec::new();
    BufReader::new(&guest).read_until(b'\n', &mut name)?;
    guest.write_all(&[b"It is your turn, ", name.trim_ascii_end(), b".\n"].concat())
}
