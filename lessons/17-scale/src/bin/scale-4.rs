//! Lesson 17, step 4: select, one thread that waits for all clients at once.
//!
//!     cargo run -p scale --bin scale-4        then: nc 127.0.0.1 7777
//!
//! What it costs: each call takes the whole set to the kernel, which looks at each
//! client.
//! What it cannot do: watch a descriptor of 1024 or more; nix panics. Step 5 has no such
//! limit. And a client that takes no answers makes all of them wait, here and in step 5:
//! see the last program.

use std::env;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;

use nix::sys::select::{FdSet, select};

pub fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:7777".to_string());
    let listener = TcpListener::bind(address)?;
    println!("Listening on {}", listener.local_addr()?);
    let mut clients: Vec<TcpStream> = Vec::new();
    loop {
        let mut set = FdSet::new(); // select changes it: a new one each time
        set.insert(listener.as_fd());
        for client in &clients {
            set.insert(client.as_fd());
        }
        select(None, &mut set, None, None, None)?;
        let newcomer = set.contains(listener.as_fd());
        let is_ready = |client: &TcpStream| set.contains(client.as_fd());
        let ready: Vec<bool> = clients.iter().map(is_ready).collect();

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
