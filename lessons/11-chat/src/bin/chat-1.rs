//! Lesson 11, step 1: a chat on select, in one thread.
//!
//!     cargo run -p chat --bin chat-1        then, in three terminals: nc 127.0.0.1 2626
//!
//! What it cannot do: tell lines apart. It passes on what one read returns (step 2).

use std::env;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;

use nix::sys::select::{FdSet, select};

pub fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:2626".to_string());
    let listener = TcpListener::bind(address)?;
    println!("Listening on {}", listener.local_addr()?);
    let mut clients: Vec<TcpStream> = Vec::new();
    loop {
        let mut readable = FdSet::new(); // select changes the set: a new one each time
        readable.insert(listener.as_fd());
        for client in &clients {
            readable.insert(client.as_fd());
        }
        select(None, &mut readable, None, None, None)?; // sleeps until one is readable
        let newcomer = readable.contains(listener.as_fd());
        let is_ready = |&index: &usize| readable.contains(clients[index].as_fd());
        let ready: Vec<usize> = (0..clients.len()).filter(is_ready).collect();

        for speaker in ready.into_iter().rev() {
            let mut buffer = [0; 4096];
            // 0 is its end. An error is an end, too: of this client only.
            let count = clients[speaker].read(&mut buffer).unwrap_or(0);
            for other in (0..clients.len()).filter(|&index| index != speaker) {
                clients[other].write_all(&buffer[..count]).ok(); // gone: its read says so
            }
            if count == 0 {
                clients.swap_remove(speaker); // the last one takes its place
            }
        }
        if newcomer {
            clients.push(listener.accept()?.0);
        }
    }
}
