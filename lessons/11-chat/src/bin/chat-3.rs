//! Lesson 11, step 3: whose line it is, and who is here.
//!
//!     cargo run -p chat --bin chat-3        then, in three terminals: nc 127.0.0.1 2626
//!
//! What it cannot do: go on when one client does not read. Then `write_all` sleeps, and
//! all others wait (step 4).

use std::env;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;

use nix::sys::select::{FdSet, select};

struct Client {
    stream: TcpStream,
    name: SocketAddr,
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
            let (stream, name) = listener.accept()?;
            admit(&mut clients, stream, name);
        }
    }
}

fn admit(clients: &mut Vec<Client>, mut stream: TcpStream, name: SocketAddr) {
    let welcome = b"You're connected to the Rust chat server\r\n";
    stream.write_all(welcome).ok(); // gone: its read says so
    let joined = format!("Client joined {name}");
    tell(clients, name, joined.as_bytes());
    let rest = Vec::new();
    clients.push(Client { stream, name, rest });
}

fn hear(clients: &mut Vec<Client>, speaker: usize) {
    let name = clients[speaker].name;
    let mut buffer = [0; 4096];
    // 0 is its end. An error is an end, too: of this client only.
    let count = clients[speaker].stream.read(&mut buffer).unwrap_or(0);
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

/// To all but the one whom it is about.
fn tell(clients: &mut [Client], about: SocketAddr, text: &[u8]) {
    let line = [text, b"\r\n"].concat(); // one write for the whole of it: lesson 06
    for client in clients {
        if client.name != about {
            client.stream.write_all(&line).ok(); // gone: its read says so
        }
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
