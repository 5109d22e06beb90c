//! Lesson 10: the loop around one wait, for the two peers of `select` and of `poll`.

use std::fs::File;
use std::io::{self, PipeReader, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;
use std::time::Duration;

use shared::{Address, Context, StopSignal, println};

use crate::program::line_printer::{LinePrinter, is_lost};

/// The other side of a connection.
pub struct Peer {
    pub stream: TcpStream,
    pub unsent: Vec<u8>, // what was typed, and the kernel has not taken yet
    printer: LinePrinter, // what came in, up to the end of a line
    has_gone: bool,
}

/// What to wait for, and how long.
pub struct Question<'a> {
    pub peers: &'a [Peer],
    pub keyboard: Option<&'a File>,
    pub wake_rx: &'a PipeReader,
    pub timeout: Duration,
}

/// Which of them need not be waited for, in the order of the peers.
pub struct Ready {
    pub to_read: Vec<bool>,
    pub to_send: Vec<bool>,
    pub keyboard: bool,
    pub wake_rx: bool,
}

/// Connects to both, and talks to them until Ctrl+C, or until both have gone. `wait` is
/// select or poll.
pub fn run(
    addresses: [Address; 2],
    timeout: Duration,
    wait: fn(&Question) -> shared::Result<Ready>,
) -> shared::Result<()> {
    let [first, second] = addresses;
    let mut peers = vec![
        connect("first", &first, timeout)?,
        connect("second", &second, timeout)?,
    ];
    // Not io::stdin(): that has a buffer, and what is in there the kernel cannot see.
    let keyboard = io::stdin().as_fd().try_clone_to_owned();
    let mut keyboard = Some(File::from(keyboard.context("cannot use the keyboard")?));
    // From now on Ctrl+C drops `wake_tx`, and `wake_rx` becomes readable.
    let (wake_rx, wake_tx) = io::pipe().context("cannot make a pipe")?;
    StopSignal::watch()?.on_stop(move || drop(wake_tx));
    println!("Type something: it goes to both. Ctrl+C ends.");

    while !peers.is_empty() {
        // More from the keyboard when all is sent: so the memory has its limit.
        let all_sent = peers.iter().all(|peer| peer.unsent.is_empty());
        let ready = wait(&Question {
            peers: &peers,
            keyboard: keyboard.as_ref().filter(|_| all_sent),
            wake_rx: &wake_rx,
            timeout,
        })?;
        if ready.wake_rx {
            break; // Ctrl+C
        }
        serve(&mut peers, &ready);
        peers.retain(|peer| !peer.has_gone);
        if ready.keyboard && !pass_on(&mut keyboard, &mut peers) {
            keyboard = None; // at its end it would be readable for ever
        }
    }
    Ok(())
}

fn connect(name: &str, address: &Address, timeout: Duration) -> shared::Result<Peer> {
    let stream = address.connect(timeout)?; // tries each address of the name: lesson 03
    stream.set_nonblocking(true).context("cannot unblock")?;
    Ok(Peer {
        stream,
        unsent: Vec::new(),
        printer: LinePrinter::of(name),
        has_gone: false,
    })
}

/// One call for each that is ready, and no more: so a peer that talks all the time cannot
/// keep the others from being heard.
fn serve(peers: &mut [Peer], ready: &Ready) {
    for (index, peer) in peers.iter_mut().enumerate() {
        if ready.to_read[index] {
            listen_to(peer);
        }
        if ready.to_send[index] && !peer.has_gone {
            send_to(peer);
        }
    }
}

/// Prints what a peer says.
fn listen_to(peer: &mut Peer) {
    let mut buffer = [0; 4096];
    match peer.stream.read(&mut buffer) {
        Ok(0) => {
            println!("[{} has ended]", peer.printer.name());
            peer.has_gone = true;
        }
        Ok(count) => peer.printer.print(&buffer[..count]),
        // It may have been ready, and is not any more. That is normal: back to the wait.
        Err(error) => peer.has_gone = is_lost(peer.printer.name(), &error),
    }
}

/// Sends what the kernel has room for, and keeps the rest.
fn send_to(peer: &mut Peer) {
    match peer.stream.write(&peer.unsent) {
        Ok(count) => {
            peer.unsent.drain(..count);
        }
        Err(error) => peer.has_gone = is_lost(peer.printer.name(), &error),
    }
}

/// What is typed goes to both peers. False: the keyboard has ended.
fn pass_on(keyboard: &mut Option<File>, peers: &mut [Peer]) -> bool {
    let Some(file) = keyboard else {
        return false;
    };
    let mut buffer = [0; 4096];
    match file.read(&mut buffer) {
        Ok(0) => {
            println!("[the keyboard has ended]");
            false
        }
        Ok(count) => {
            for peer in peers {
                peer.unsent.extend(&buffer[..count]);
            }
            true
        }
        Err(error) => !is_lost("the keyboard", &error),
    }
}
