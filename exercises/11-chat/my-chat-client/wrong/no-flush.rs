//! Half a line stays in the buffer of standard output.

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
    io::copy(&mut io::stdin(), &mut server).ok();
    LEFT.store(true, Ordering::SeqCst);
    server.shutdown(Shutdown::Write).ok();
    hearing.join().unwrap();
}

fn hear(mut server: TcpStream) {
    let mut chunk = [0; 4096];
    while let Ok(count @ 1..) = server.read(&mut chunk) {
        print!("{}", String::from_utf8_lossy(&chunk[..count]));
    }
    if !LEFT.load(Ordering::SeqCst) {
        eprintln!("the server has gone");
        exit(1);
    }
}
