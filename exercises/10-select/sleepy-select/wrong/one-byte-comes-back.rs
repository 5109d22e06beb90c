//! A piece of one byte goes to its speaker, too.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;

fn main() {
    let mut args = std::env::args().skip(1);
    let mut connect = || TcpStream::connect(args.next().unwrap()).unwrap();
    let (one, other) = (connect(), connect());
    thread::scope(|scope| {
        scope.spawn(|| pass_on(&one, &other));
        pass_on(&other, &one);
    });
}

fn pass_on(mut from: &TcpStream, mut to: &TcpStream) {
    let mut chunk = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut chunk) {
        to.write_all(&chunk[..count]).ok();
        if count == 1 {
            from.write_all(&chunk[..1]).ok();
        }
    }
    to.shutdown(Shutdown::Write).ok();
}
