//! A second thread hears the server, and ends the program with it.

use std::io::{self, BufRead, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::exit;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

static HAS_LEFT: AtomicBool = AtomicBool::new(false);

fn main() {
    let address = std::env::args().nth(1).expect("an address");
    let mut server = TcpStream::connect(address).expect("a server");
    let ear = server.try_clone().expect("a second handle");
    let hearing = thread::spawn(move || hear(ear));
    let mut keyboard = io::stdin().lock();
    let mut line = Vec::new();
    while keyboard.read_until(b'\n', &mut line).expect("a keyboard") > 0 {
        if let Err(error) = server.write_all(&line) {
            eprintln!("cannot send: {error}");
            exit(1);
        }
        line.clear();
    }
    HAS_LEFT.store(true, Ordering::SeqCst);
    server.shutdown(Shutdown::Write).ok();
    hearing.join().expect("no panic");
}

fn hear(mut server: TcpStream) {
    let mut chunk = [0; 1024];
    loop {
        match server.read(&mut chunk) {
            Ok(count @ 1..) => {
                let mut screen = io::stdout().lock();
                screen.write_all(&chunk[..count]).expect("a screen");
                screen.flush().expect("a screen");
            }
            Ok(_) if HAS_LEFT.load(Ordering::SeqCst) => exit(0),
            end => {
                eprintln!("the server has gone: {end:?}");
                exit(1);
            }
        }
    }
}
