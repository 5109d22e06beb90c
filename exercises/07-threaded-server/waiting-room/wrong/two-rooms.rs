//! Has two threads, and no more.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    let (send, receive) = mpsc::channel::<(TcpStream, u32)>();
    let receive = Arc::new(Mutex::new(receive));
    for _ in 0..2 {
        let receive = Arc::clone(&receive);
        thread::spawn(move || {
            loop {
                let next = receive.lock().unwrap().recv();
                let Ok((guest, number)) = next else { return };
                serve(guest, number).ok();
            }
        });
    }
    for (guest, number) in listener.incoming().flatten().zip(1..) {
        send.send((guest, number)).unwrap();
    }
}

fn serve(mut guest: TcpStream, number: u32) -> io::Result<()> {
    guest.write_all(format!("You are number {number}.\n").as_bytes())?;
    let mut name = Vec::new();
    BufReader::new(&guest).read_until(b'\n', &mut name)?;
    guest.write_all(&[b"It is your turn, ", name.trim_ascii_end(), b".\n"].concat())
}
