//! Lesson 11, step 2: a line is passed on when it is whole.
//!
//!     cargo run -p chat --bin chat-2        then, in three terminals: nc 127.0.0.1 2626
//!
//! What it cannot do: say whose line it is, and who is here (step 3).

use std::env;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;

use nix::sys::select::{FdSet, select};

struct Client {
    stream: TcpStream,
    rest: Vec<u8>, // the start of a line whose end has not come yet
}

pub fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:2626".to_string());
    let listener = TcpListener::bind(address)?;
    println!("Listening on {}", listener.local_addr()?);
    let mut clients: Vec<Client> = Vec::new();
    loop {
        let mut readable = FdSet::new(); // select changes the set: a new one each time
        readable.insert(listener.as_fd());
        for client in &clients {
            readable.insert(client.stream.as_fd());
        }
        select(None, &mut readable, None, None, None)?; // sleeps until one is readable
        let newcomer = readable.contains(listener.as_fd());
        let is_ready = |&index: &usize| readable.contains(clients[index].stream.as_fd());
        let ready: Vec<usize> = (0..clients.len()).filter(is_ready).collect();

        for speaker in ready.into_iter().rev() {
            hear(&mut clients, speaker);
        }
        if newcomer {
            let (stream, _) = listener.accept()?;
            let rest = Vec::new();
            clients.push(Client { stream, rest });
        }
    }
}

fn hear(clients: &mut Vec<Client>, speaker: usize) {
    let mut buffer = [0; 4096];
    // 0 is its end. An error is an end, too: of this client only.
    let count = clients[speaker].stream.read(&mut buffer).unwrap_or(0);
    clients[speaker].rest.extend(&buffer[..count]);
    while let Some(line) = take_line(&mut clients[speaker].rest) {
        for other in (0..clients.len()).filter(|&index| index != speaker) {
            clients[other].stream.write_all(&line).ok(); // gone: its read says so
        }
    }
    if count == 0 {
        clients.swap_remove(speaker); // the last one takes its place
    }
}

/// Takes the first line out of what has come; none, where its end is not there yet.
fn take_line(rest: &mut Vec<u8>) -> Option<Vec<u8>> {
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    Some(rest.drain(..=end).collect())
}
