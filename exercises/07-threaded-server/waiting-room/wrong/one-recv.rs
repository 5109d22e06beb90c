//! Takes one recv for the name.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for (guest, number) in listener.incoming().flatten().zip(1..) {
        thread::spawn(move || serve(guest, number).ok());
    }
}

fn serve(mut guest: TcpStream, number: u32) -> io::Result<()> {
    guest.write_all(format!("You are number {number}.\n").as_bytes())?;
    let mut name = [0; 100];
    let count = guest.read(&mut name)?;
    guest.write_all(
        &[b"It is your turn, ", name[..count].trim_ascii_end(), b".\n"].concat(),
    )
}
