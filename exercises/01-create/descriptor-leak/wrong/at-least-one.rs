//! Takes 0 for no number.

use std::io;

use socket2::{Domain, Socket, Type};

fn main() -> io::Result<()> {
    let count = std::env::args().nth(1).unwrap_or("100".into());
    let count: usize = count.parse().map_err(io::Error::other)?;
    let _last = make(count)?; // it lives to the end of main; a mere `_` would drop it at once
    println!("made {}", count.max(1));
    wait_for_enter()
}

/// Makes that many sockets, streams and datagrams by turns, and returns the last.
fn make(count: usize) -> io::Result<Option<Socket>> {
    let mut last = None;
    for number in 0..count.max(1) {
        let kind = match number % 2 {
            0 => Type::STREAM,
            _ => Type::DGRAM,
        };
        // The socket that was in here is dropped, and so closed.
        last = Some(Socket::new(Domain::IPV4, kind, None)?);
    }
    Ok(last)
}

fn wait_for_enter() -> io::Result<()> {
    io::stdin().read_line(&mut String::new())?;
    Ok(())
}
