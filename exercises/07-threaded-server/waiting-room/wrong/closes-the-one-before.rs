//! Hangs up on the guest before, to be free for the next.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    let mut before: Option<TcpStream> = None;
    for (guest, number) in listener.incoming().flatten().zip(1..) {
        if let Some(before) = before.replace(guest.try_clone().unwrap()) {
            before.shutdown(std::net::Shutdown::Both).ok();
        }
        thread::spawn(move || {
            serve(guest.try_clone().unwrap(), number).ok();
            guest.shutdown(std::net::Shutdown::Both).ok();
        });
    }
}

fn serve(mut guest: TcpStream, number: u32) -> io::Result<()> {
    guest.write_all(format!("You are number {number}.\n").as_bytes())?;
    let mut name = Vec::new();
    BufReader::new(&guest).read_until(b'\n', &mut name)?;
    guest.write_all(&[b"It is your turn, ", name.trim_ascii_end(), b".\n"].concat())
}
