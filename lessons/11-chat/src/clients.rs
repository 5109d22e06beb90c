//! The clients of the chat: what one of them says, what waits for it, and how it leaves.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use shared::{explain, log, visible, would_block};

use crate::program::lines::take_line;

const LONGEST_LINE: usize = 4096; // with its end
const QUEUE: usize = 64 * 1024; // the most that may wait for one client
pub const GOODBYE: Duration = Duration::from_millis(300); // for our last words

pub struct Client {
    pub stream: TcpStream,
    pub name: SocketAddr,
    pub rest: Vec<u8>,  // the start of a line whose end has not come yet
    pub queue: Vec<u8>, // what the kernel has not taken yet
    pub ended: bool,    // there is nothing more to read
    pub error: Option<io::Error>, // why we part with it
    pub parted: Option<Instant>, // the others know; until then it may take its queue
}

pub fn hear(clients: &mut [Client], speaker: usize) {
    let client = &mut clients[speaker];
    let name = client.name;
    let mut buffer = [0; 4096];
    match client.stream.read(&mut buffer) {
        Ok(0) => client.ended = true,
        Ok(_) if client.parted.is_some() => return, // read away: nobody wants it any more
        Ok(count) => client.rest.extend(&buffer[..count]),
        Err(error) if would_block(&error) => return, // it only seemed to be readable
        Err(error) => lose(client, error),
    }
    loop {
        let client = &mut clients[speaker];
        match take_line(&mut client.rest, LONGEST_LINE, client.ended) {
            Ok(None) => return, // the rest of it comes later
            Ok(Some(line)) => {
                let start = format!("[{name}] ");
                tell(clients, name, &[start.as_bytes(), &line].concat());
            }
            Err(error) => {
                client.error = Some(error);
                return;
            }
        }
    }
}

/// Its connection is broken: nothing comes from it any more, and nothing gets to it.
fn lose(client: &mut Client, error: io::Error) {
    client.rest.clear();
    client.queue.clear();
    client.ended = true;
    client.error = Some(error);
}

/// To all but the one whom it is about, and to our own screen. It fills queues.
pub fn tell(clients: &mut [Client], about: SocketAddr, text: &[u8]) {
    log!("{}", visible(&String::from_utf8_lossy(text)));
    for client in clients {
        if client.name == about || client.ended || client.error.is_some() {
            continue;
        }
        if client.parted.is_some() {
            continue;
        }
        client.queue.extend(text);
        client.queue.extend(b"\r\n");
        if client.queue.len() > QUEUE {
            send(client); // one read can bring thousands of short lines
        }
        if client.queue.len() > QUEUE {
            client.error = Some(io::Error::other("it does not read"));
        }
    }
}

/// Hands the queue to the kernel. What that does not take now stays in the queue.
pub fn send(client: &mut Client) {
    match client.stream.write(&client.queue) {
        Ok(count) => {
            client.queue.drain(..count);
        }
        Err(error) if would_block(&error) => {}
        Err(error) => lose(client, error),
    }
    if client.queue.is_empty() && client.parted.is_some() {
        client.stream.shutdown(Shutdown::Write).ok(); // those were our last words
    }
}

/// Tells the others of those who have left or are lost.
pub fn part(clients: &mut [Client]) {
    let parts = |client: &Client| {
        client.parted.is_none() && (client.ended || client.error.is_some())
    };
    // The news may be too much for one more: look again, from the start.
    while let Some(index) = clients.iter().position(parts) {
        let client = &mut clients[index];
        let name = client.name;
        client.parted = Some(Instant::now() + GOODBYE);
        if let Some(error) = &client.error {
            log!("{name} is lost: {}", explain(error));
            if !client.ended {
                client.queue.extend(format!("error: {error}\r\n").bytes());
            }
        }
        tell(clients, name, format!("Client left {name}").as_bytes());
    }
}

/// Closes those who have parted and have taken, or had time to take, what was for them.
pub fn remove(clients: &mut Vec<Client>) -> bool {
    let before = clients.len();
    let now = Instant::now();
    clients.retain(|client| match client.parted {
        None => true,
        Some(end) => now < end && !(client.ended && client.queue.is_empty()),
    });
    clients.len() < before
}
