//! Keeps the first socket in place of the last.

use std::io;

use socket2::{Domain, Socket, Type};

fn main() -> io::Result<()> {
    let count = std::env::args().nth(1).unwrap_or("100".into());
    let count: usize = count.parse().map_err(io::Error::other)?;
    let _last = make(count)?; // it lives to the end of main; a mere `_` would drop it at once
    println!("made {count}");
    wait_for_enter()
}

/// Makes that many sockets, streams and datagrams by turns, and returns the last.
fn make(count: usize) -> io::Result<Option<Socket>> {
    let mut last = None;
    for number in 0..count {
        let kind = match number % 2 {
            0 => Type::STREAM,
            _ => Type::DGRAM,
        };
        let socket = Socket::new(Domain::IPV4, kind, None)?;
        last.get_or_insert(socket);
    }
    Ok(last)
}

fn wait_for_enter() -> io::Result<()> {
    io::stdin().read_line(&mut String::new())?;
    Ok(())
}
