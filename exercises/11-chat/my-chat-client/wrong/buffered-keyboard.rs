//! select asks the kernel, and the lines are in the buffer of io::stdin.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;

use nix::sys::select::{FdSet, select};

fn main() {
    let mut server = TcpStream::connect(std::env::args().nth(1).unwrap()).unwrap();
    let keyboard = io::stdin();
    loop {
        let mut readable = FdSet::new();
        readable.insert(server.as_fd());
        readable.insert(keyboard.as_fd());
        select(None, &mut readable, None, None, None).unwrap();
        let (typed, heard) = (
            readable.contains(keyboard.as_fd()),
            readable.contains(server.as_fd()),
        );
        if typed {
            let mut line = String::new();
            keyboard.read_line(&mut line).unwrap();
            server.write_all(line.as_bytes()).unwrap();
        }
        if heard {
            let mut chunk = [0; 4096];
            let count = server.read(&mut chunk).unwrap();
            assert!(count > 0);
            io::stdout().write_all(&chunk[..count]).unwrap();
            io::stdout().flush().unwrap();
        }
    }
}
