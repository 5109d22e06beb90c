//! Lesson 10, step 7: no call sleeps but select.
//!
//!     cargo run -p select --bin select-7        (start the two nc first)
//!
//! What it cannot do: end politely on Ctrl+C, bear a peer that resets, and say what is
//! wrong. The last step, `select`, can.

use std::env;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;

use nix::sys::select::{FdSet, select};
use nix::sys::time::{TimeVal, TimeValLike};

struct Peer {
    name: &'static str,
    stream: TcpStream,
    unsent: Vec<u8>, // what was typed, and the kernel has not taken yet
}

pub fn main() -> io::Result<()> {
    let first = env::args().nth(1).unwrap_or("127.0.0.1:9999".to_string());
    let second = env::args().nth(2).unwrap_or("127.0.0.1:8888".to_string());
    let mut peers = vec![connect("first", &first)?, connect("second", &second)?];
    // Not io::stdin(): that has a buffer, and what is in there select cannot see.
    let keyboard = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut keyboard = Some(keyboard); // None after its end

    let mut buffer = [0; 1024];
    while !peers.is_empty() {
        // More from the keyboard when all is sent: so the memory has its limit.
        let all_sent = peers.iter().all(|peer| peer.unsent.is_empty());
        let ready = wait(&peers, keyboard.as_ref().filter(|_| all_sent))?;
        for index in (0..peers.len()).rev() {
            if ready.to_send[index] {
                send_to(&mut peers[index])?;
            }
            if ready.peers[index] && !listen_to(&mut peers[index])? {
                println!("[{} has ended]", peers[index].name);
                peers.remove(index);
            }
        }
        if ready.keyboard
            && let Some(file) = &mut keyboard
        {
            let count = file.read(&mut buffer)?;
            for peer in &mut peers {
                peer.unsent.extend(&buffer[..count]); // what is typed goes to both
            }
            if count == 0 {
                keyboard = None; // at its end it would be readable for ever
            }
        }
    }
    Ok(())
}

fn connect(name: &'static str, address: &str) -> io::Result<Peer> {
    let stream = TcpStream::connect(address)?;
    stream.set_nonblocking(true)?; // from now on no call on it sleeps
    let unsent = Vec::new();
    Ok(Peer {
        name,
        stream,
        unsent,
    })
}

/// Which of them need not be waited for, in the order of the peers.
struct Ready {
    peers: Vec<bool>,
    to_send: Vec<bool>,
    keyboard: bool,
}

/// Sleeps until one of them has something. The set borrows what is in it, and lives no
/// longer than this function: afterwards the peers can be changed again.
fn wait(peers: &[Peer], keyboard: Option<&File>) -> io::Result<Ready> {
    let mut readable = FdSet::new(); // select changes the sets: new ones each time
    let mut writable = FdSet::new();
    for peer in peers {
        readable.insert(peer.stream.as_fd());
        if !peer.unsent.is_empty() {
            writable.insert(peer.stream.as_fd()); // mostly it is: ask only in need
        }
    }
    if let Some(file) = keyboard {
        readable.insert(file.as_fd());
    }
    let mut time = TimeVal::seconds(5); // select may change it: a new one each time
    if select(None, &mut readable, &mut writable, None, &mut time)? == 0 {
        println!("5 seconds elapsed"); // and nothing is ready
    }

    let can_read = |peer: &Peer| readable.contains(peer.stream.as_fd());
    let can_write = |peer: &Peer| writable.contains(peer.stream.as_fd());
    Ok(Ready {
        peers: peers.iter().map(can_read).collect(),
        to_send: peers.iter().map(can_write).collect(),
        keyboard: keyboard.is_some_and(|file| readable.contains(file.as_fd())),
    })
}

/// Prints what a peer says. False: it has ended.
fn listen_to(peer: &mut Peer) -> io::Result<bool> {
    let mut buffer = [0; 1024];
    match peer.stream.read(&mut buffer) {
        Ok(0) => Ok(false),
        Ok(count) => {
            print!(
                "{}: {}",
                peer.name,
                String::from_utf8_lossy(&buffer[..count])
            );
            Ok(true)
        }
        // It was ready, and is not any more. That is normal: back to select.
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(true),
        Err(error) => Err(error),
    }
}

/// Sends what the kernel has room for, and keeps the rest.
fn send_to(peer: &mut Peer) -> io::Result<()> {
    match peer.stream.write(&peer.unsent) {
        Ok(count) => {
            peer.unsent.drain(..count);
            Ok(())
        }
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
        Err(error) => Err(error),
    }
}
