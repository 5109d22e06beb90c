//! Exercise descriptor-leak (repair): with 100 sockets it works, with 5000 it does not.
//!
//! This program makes as many sockets as its argument says, one after another, and prints
//! the line `made 100`. Then it waits for Enter, so that you can have a look at the last
//! socket, which is still open. But with a large number it ends with an error before it
//! prints anything, on one machine sooner than on another. Repair it: any number of
//! sockets is made and counted (0 is a number, too), and while it waits just one of them,
//! the last, is open. After Enter it ends, with exit code 0.
//!
//! Check it:      cargo run -- check descriptor-leak
//! Try it:        cargo run -p mine --example descriptor-leak -- 5000

use std::io;

use socket2::{Domain, Socket, Type};

fn main() -> io::Result<()> {
    let count = std::env::args().nth(1).unwrap_or("100".into());
    let count: usize = count.parse().map_err(io::Error::other)?;
    let sockets = make(count)?;
    println!("made {}", sockets.len());
    wait_for_enter()
}

/// Makes that many sockets, streams and datagrams by turns.
fn make(count: usize) -> io::Result<Vec<Socket>> {
    let mut sockets = Vec::new();
    for number in 0..count {
        let kind = match number % 2 {
            0 => Type::STREAM,
            _ => Type::DGRAM,
        };
        sockets.push(Socket::new(Domain::IPV4, kind, None)?);
    }
    Ok(sockets)
}

fn wait_for_enter() -> io::Result<()> {
    io::stdin().read_line(&mut String::new())?;
    Ok(())
}
