//! Takes the name for text.

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
    let name = String::from_utf8_lossy(&name);
    guest.write_all(format!("It is your turn, {}.\n", name.trim_end()).as_bytes())
}
