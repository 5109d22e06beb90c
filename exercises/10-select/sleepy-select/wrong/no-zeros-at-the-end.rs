//! Takes zeros at the end of a piece for room that was left.

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
        let zeros = chunk[..count].iter().rev().take_while(|byte| **byte == 0);
        let count = count - zeros.count();
        to.write_all(&chunk[..count]).ok();
    }
    to.shutdown(Shutdown::Write).ok();
}
