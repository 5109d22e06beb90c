//! Lesson 17, step 5: poll, which has a list in place of the set.
//!
//!     cargo run -p scale --bin scale-5        then: nc 127.0.0.1 7777
//!
//! What it costs: each call takes the whole list to the kernel, which looks at each
//! client, and so do we afterwards.
//! What it cannot do: ignore ten thousand who say nothing. In step 6 the kernel keeps the
//! list.

use std::env;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

pub fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:7777".to_string());
    let listener = TcpListener::bind(address)?;
    println!("Listening on {}", listener.local_addr()?);
    let mut clients: Vec<TcpStream> = Vec::new();
    loop {
        let mut list = vec![PollFd::new(listener.as_fd(), PollFlags::POLLIN)];
        for client in &clients {
            list.push(PollFd::new(client.as_fd(), PollFlags::POLLIN));
        }
        poll(&mut list, PollTimeout::NONE)?;
        let is_ready = |entry: &PollFd| entry.any() == Some(true);
        let mut ready: Vec<bool> = list.iter().map(is_ready).collect();
        let newcomer = ready.remove(0);

        for index in (0..clients.len()).rev() {
            if ready[index] && echo(&clients[index]).unwrap_or(0) == 0 {
                clients.swap_remove(index);
            }
        }
        if newcomer {
            let (client, _) = listener.accept()?;
            clients.push(client);
        }
    }
}

/// One read, and back goes what it has brought: so many bytes, 0 at the end.
fn echo(mut client: &TcpStream) -> io::Result<usize> {
    let mut buffer = [0; 4096];
    let count = client.read(&mut buffer)?;
    client.write_all(&buffer[..count])?;
    Ok(count)
}
