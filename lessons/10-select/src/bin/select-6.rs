//! Lesson 10, step 6: wait five seconds, and not longer.
//!
//!     cargo run -p select --bin select-6        (start the two nc first)
//!
//! What it cannot do: go on when a peer does not read. Step 7 mends it.

use std::env;
use std::fs::File;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;

use nix::sys::select::{FdSet, select};
use nix::sys::time::{TimeVal, TimeValLike};

struct Peer {
    name: &'static str,
    stream: TcpStream,
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
        let ready = wait(&peers, keyboard.as_ref())?;
        for index in (0..peers.len()).rev() {
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
                peer.stream.write_all(&buffer[..count])?; // what is typed goes to both
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
    Ok(Peer { name, stream })
}

/// Which of them can be read without waiting, in the order of the peers.
struct Ready {
    peers: Vec<bool>,
    keyboard: bool,
}

/// Sleeps until one of them has something. The set borrows what is in it, and lives no
/// longer than this function: afterwards the peers can be changed again.
fn wait(peers: &[Peer], keyboard: Option<&File>) -> io::Result<Ready> {
    let mut readable = FdSet::new(); // select changes the set: a new one each time
    for peer in peers {
        readable.insert(peer.stream.as_fd());
    }
    if let Some(file) = keyboard {
        readable.insert(file.as_fd());
    }
    let mut time = TimeVal::seconds(5); // select may change it: a new one each time
    if select(None, &mut readable, None, None, &mut time)? == 0 {
        println!("5 seconds elapsed"); // and nothing is ready
    }

    let can_read = |peer: &Peer| readable.contains(peer.stream.as_fd());
    Ok(Ready {
        peers: peers.iter().map(can_read).collect(),
        keyboard: keyboard.is_some_and(|file| readable.contains(file.as_fd())),
    })
}

/// Prints what a peer says. False: it has ended.
fn listen_to(peer: &mut Peer) -> io::Result<bool> {
    let mut buffer = [0; 1024];
    let count = peer.stream.read(&mut buffer)?;
    if count > 0 {
        print!(
            "{}: {}",
            peer.name,
            String::from_utf8_lossy(&buffer[..count])
        );
    }
    Ok(count > 0)
}
