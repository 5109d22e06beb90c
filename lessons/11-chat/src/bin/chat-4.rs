//! Lesson 11, step 4: nobody is waited for. Each client has a queue.
//!
//!     cargo run -p chat --bin chat-4        then, in three terminals: nc 127.0.0.1 2626
//!
//! What it cannot do: lose its patience. The queue of a client that never reads grows for
//! ever, and so does a line without an end (step 5).

use std::env;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;

use nix::sys::select::{FdSet, select};

struct Client {
    stream: TcpStream,
    name: SocketAddr,
    rest: Vec<u8>,  // the start of a line whose end has not come yet
    queue: Vec<u8>, // what the kernel has not taken yet
}

pub fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:2626".to_string());
    let listener = TcpListener::bind(address)?;
    println!("Listening on {}", listener.local_addr()?);
    let mut clients: Vec<Client> = Vec::new();
    loop {
        let mut readable = FdSet::new(); // select changes the set: a new one each time
        let mut writable = FdSet::new();
        readable.insert(listener.as_fd());
        for client in &clients {
            readable.insert(client.stream.as_fd());
            if !client.queue.is_empty() {
                writable.insert(client.stream.as_fd()); // we have something for it
            }
        }
        select(None, &mut readable, &mut writable, None, None)?; // sleeps
        let newcomer = readable.contains(listener.as_fd());
        let is_ready = |&index: &usize| readable.contains(clients[index].stream.as_fd());
        let ready: Vec<usize> = (0..clients.len()).filter(is_ready).collect();
        let has_room = |&index: &usize| writable.contains(clients[index].stream.as_fd());
        let room: Vec<usize> = (0..clients.len()).filter(has_room).collect();

        for reader in room {
            send(&mut clients[reader]);
        }
        for speaker in ready.into_iter().rev() {
            hear(&mut clients, speaker);
        }
        if newcomer {
            let (stream, name) = listener.accept()?;
            stream.set_nonblocking(true)?; // from here on read and write never sleep
            admit(&mut clients, stream, name);
        }
    }
}

fn admit(clients: &mut Vec<Client>, stream: TcpStream, name: SocketAddr) {
    let joined = format!("Client joined {name}");
    tell(clients, name, joined.as_bytes());
    let rest = Vec::new();
    let queue = b"You're connected to the Rust chat server\r\n".to_vec();
    clients.push(Client {
        stream,
        name,
        rest,
        queue,
    });
}

fn hear(clients: &mut Vec<Client>, speaker: usize) {
    let name = clients[speaker].name;
    let mut buffer = [0; 4096];
    let count = match clients[speaker].stream.read(&mut buffer) {
        Err(error) if error.kind() == ErrorKind::WouldBlock => return, // not now
        result => result.unwrap_or(0), // an error is an end, too: of this client only
    };
    clients[speaker].rest.extend(&buffer[..count]);
    while let Some(line) = take_line(&mut clients[speaker].rest) {
        let start = format!("[{name}] ");
        tell(clients, name, &[start.as_bytes(), &line].concat());
    }
    if count == 0 {
        clients.swap_remove(speaker); // the last one takes its place
        let left = format!("Client left {name}");
        tell(clients, name, left.as_bytes());
    }
}

/// To all but the one whom it is about. It writes to nobody: it fills queues.
fn tell(clients: &mut [Client], about: SocketAddr, text: &[u8]) {
    for client in clients {
        if client.name != about {
            client.queue.extend(text);
            client.queue.extend(b"\r\n");
        }
    }
}

/// Hands the queue to the kernel. What that does not take now stays in the queue.
fn send(client: &mut Client) {
    match client.stream.write(&client.queue) {
        Ok(count) => {
            client.queue.drain(..count);
        }
        Err(error) if error.kind() == ErrorKind::WouldBlock => {}
        Err(_) => client.queue.clear(), // gone: its read says so
    }
}

/// Takes the first line out of what has come, without its end. None, where that is not
/// there yet.
fn take_line(rest: &mut Vec<u8>) -> Option<Vec<u8>> {
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    let line: Vec<u8> = rest.drain(..=end).collect();
    let line = line.strip_suffix(b"\n").unwrap_or(&line);
    Some(line.strip_suffix(b"\r").unwrap_or(line).to_vec()) // as in lesson 06
}
