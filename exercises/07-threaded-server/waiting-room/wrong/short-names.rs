//! Knows the first 512 bytes of a name.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for (guest, number) in listener.incoming().flatten().zip(1_u32..) {
        thread::spawn(move || serve(guest, number).ok());
    }
}

fn serve(mut guest: TcpStream, number: u32) -> io::Result<()> {
    guest.write_all(format!("You are number {number}.\n").as_bytes())?;
    let mut name = Vec::new();
    BufReader::new(&guest).read_until(b'\n', &mut name)?;
    name.truncate(512);
    guest.write_all(&[b"It is your turn, ", name.trim_ascii_end(), b".\n"].concat())
}
