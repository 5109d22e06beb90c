//! Reads the keyboard again and again after its end.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::exit;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

static LEFT: AtomicBool = AtomicBool::new(false);

fn main() {
    let mut server = TcpStream::connect(std::env::args().nth(1).unwrap()).unwrap();
    let ear = server.try_clone().unwrap();
    let hearing = thread::spawn(move || hear(ear));
    let mut chunk = [0; 4096];
    while !hearing.is_finished() {
        let count = io::stdin().read(&mut chunk).unwrap();
        server.write_all(&chunk[..count]).ok();
        if count == 0 {
            LEFT.store(true, Ordering::SeqCst);
            server.shutdown(Shutdown::Write).ok();
        }
    }
    hearing.join().unwrap();
}

fn hear(mut server: TcpStream) {
    let mut chunk = [0; 4096];
    while let Ok(count @ 1..) = server.read(&mut chunk) {
        io::stdout().write_all(&chunk[..count]).unwrap();
        io::stdout().flush().unwrap();
    }
    if !LEFT.load(Ordering::SeqCst) {
        eprintln!("the server has gone");
        exit(1);
    }
}
