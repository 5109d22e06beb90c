//! A reset of one peer ends the program with an error, and the other one is reset, too.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;

fn main() -> io::Result<()> {
    let mut args = std::env::args().skip(1);
    let mut connect = || TcpStream::connect(args.next().unwrap());
    let (one, other) = (connect()?, connect()?);
    thread::scope(|scope| {
        scope.spawn(|| pass_on(&one, &other));
        pass_on(&other, &one);
    });
    Ok(())
}

fn pass_on(mut from: &TcpStream, mut to: &TcpStream) {
    if let Err(error) = io::copy(&mut from, &mut to) {
        eprintln!("{error}");
        std::process::exit(1);
    }
    to.shutdown(Shutdown::Write).ok();
}
