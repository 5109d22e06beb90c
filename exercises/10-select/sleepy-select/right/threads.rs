//! A thread for each direction, and io::copy in it.

use std::io;
use std::net::{Shutdown, TcpStream};
use std::thread;

fn main() -> io::Result<()> {
    let mut args = std::env::args().skip(1);
    let mut connect = || TcpStream::connect(args.next().expect("two addresses"));
    let (one, other) = (connect()?, connect()?);
    thread::scope(|scope| {
        scope.spawn(|| pass_on(&one, &other));
        pass_on(&other, &one);
    });
    Ok(())
}

fn pass_on(mut from: &TcpStream, mut to: &TcpStream) {
    io::copy(&mut from, &mut to).ok(); // a reset is an end, too
    to.shutdown(Shutdown::Write).ok();
}
