//! Sends the whole buffer on, whatever was read.

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
    while from.read(&mut chunk).is_ok_and(|count| count > 0) {
        to.write_all(&chunk).ok();
    }
    to.shutdown(Shutdown::Write).ok();
}
