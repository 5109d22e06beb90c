// ANCHOR: all
//! Lesson 11: a chat server on select. One thread serves all, and nobody waits.
//!
//!     cargo run -p chat                 (then, in other terminals: nc 127.0.0.1 2626)

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;
use std::{io, io::Read, io::Write, os::fd::AsFd, os::fd::AsRawFd, process::ExitCode};

use chat::{Lines, listen};
use nix::errno::Errno;
use nix::sys::select::{FD_SETSIZE, FdSet, select};
use shared::{
    Args, Backoff, Context, StopSignal, announce, close_all, close_in_background,
};
use shared::{explain, println, visible, would_block};

const HELP: &str = "\
Passes each line that a client sends on to all the others.

usage: chat [HOST:PORT] [--max-clients N] [--patience SECONDS]

  HOST:PORT           where to listen (127.0.0.1:2626); port 0 takes any free port
  --max-clients N     how many may be here at once (as many as select can watch)
  --patience SECONDS  how long a client's machine may show no sign of life (60)

example: cargo run -p chat        then: nc 127.0.0.1 2626
";
const GOODBYE: Duration = Duration::from_millis(300); // for clients to close, too
const QUEUE: usize = 64 * 1024; // the most that may wait for one client

struct Client {
    stream: TcpStream,
    name: SocketAddr,
    lines: Lines,                 // puts the pieces of a line together
    queue: Vec<u8>,               // what the kernel has not taken yet
    gone: Option<io::Result<()>>, // by itself, or because of an error
}

fn main() -> ExitCode {
    shared::run(HELP, run)
}

// ANCHOR: loop
fn run(args: Args) -> shared::Result<()> {
    let most = args.value("max-clients")?.unwrap_or(FD_SETSIZE);
    let patience = args.seconds("patience", 60.0)?;
    let listener = listen(args.address_or("127.0.0.1:2626")?.first()?, patience)?;
    // select does not see a signal. It sees that `wake_rx`, a pipe, comes to its end.
    let stop = StopSignal::watch()?;
    let wake_rx = stop.wake_rx()?;
    announce(listener.local_addr().context("cannot read our address")?);
    let (mut clients, mut backoff) = (Vec::<Client>::new(), Backoff::default());
    while !stop.requested() {
        let (mut read, mut write) = (FdSet::new(), FdSet::new());
        let mut pause = backoff.pause();
        if pause.is_none() {
            read.insert(listener.as_fd());
        }
        read.insert(wake_rx.as_fd());
        for client in &clients {
            read.insert(client.stream.as_fd());
        }
        let waiting = clients.iter().filter(|client| !client.queue.is_empty());
        waiting.for_each(|client| write.insert(client.stream.as_fd()));
        match select(None, &mut read, &mut write, None, pause.as_mut()) {
            Err(Errno::EINTR) => continue, // the sets mean nothing now
            result => result.map_err(io::Error::from).context("cannot wait")?,
        };
        let ready = |index: &usize| read.contains(clients[*index].stream.as_fd());
        for index in (0..clients.len()).filter(ready).collect::<Vec<_>>() {
            hear(&mut clients, index);
        }
        backoff.after_accept(accept(&listener, &mut clients, most))?;
        leave(&mut clients);
    }
    // Those who still wait in the queue see the end, too.
    let queued = listener.incoming().map_while(Result::ok);
    close_all(
        clients
            .into_iter()
            .map(|client| client.stream)
            .chain(queued),
        GOODBYE,
    );
    Ok(())
}

// ANCHOR_END: loop, ANCHOR: accept
fn accept(door: &TcpListener, clients: &mut Vec<Client>, most: usize) -> io::Result<()> {
    // Not all of a crowd at once: those who are here want to be served, too.
    for _ in 0..100 {
        let (stream, name) = door.accept()?;
        if clients.len() >= most || stream.as_raw_fd() as usize >= FD_SETSIZE - 16 {
            println!("{name} is sent away: the chat is full");
            close_in_background(stream, b"error: this chat is full, try again later\r\n");
        } else {
            tell(clients, name, format!("Client joined {name}"));
            clients.push(Client {
                gone: stream.set_nonblocking(true).err().map(Err),
                stream,
                name,
                lines: Lines::up_to(4096),
                queue: b"You're connected to the Rust chat server\r\n".to_vec(),
            });
        }
    }
    Ok(())
}

// ANCHOR_END: accept, ANCHOR: read
fn hear(clients: &mut [Client], index: usize) {
    let client = &mut clients[index];
    let (name, mut chunk) = (client.name, [0; 4096]);
    let (lines, gone) = match client.stream.read(&mut chunk) {
        Err(ref error) if would_block(error) => return,
        Err(error) => (Vec::new(), Some(Err(error))),
        Ok(count) => client.lines.feed(&chunk[..count]),
    };
    client.gone = client.gone.take().or(gone);
    for line in lines {
        let text = [format!("[{name}] ").as_bytes(), &line].concat();
        tell(clients, name, text);
    }
}

// ANCHOR_END: read, ANCHOR: broadcast
/// To all but the one whom it is about, and to our own screen.
fn tell(clients: &mut [Client], about: SocketAddr, text: impl AsRef<[u8]>) {
    println!("{}", visible(&String::from_utf8_lossy(text.as_ref())));
    let hears = |client: &&mut Client| client.gone.is_none() && client.name != about;
    for client in clients.iter_mut().filter(hears) {
        client.queue.extend([text.as_ref(), b"\r\n"].concat());
        if client.queue.len() > QUEUE {
            send(client);
        }
    }
}

/// Hands the queue to the kernel. What that does not take at once, waits.
fn send(client: &mut Client) {
    match client.stream.write(&client.queue) {
        Ok(count) => drop(client.queue.drain(..count)),
        Err(ref error) if would_block(error) => {}
        Err(error) => client.gone = Some(Err(error)),
    }
    if client.queue.len() > QUEUE {
        client.gone = Some(Err(io::Error::other("it does not read")));
    }
}

// ANCHOR_END: broadcast, ANCHOR: leave
fn leave(clients: &mut Vec<Client>) {
    while let Some(index) = clients.iter().position(|client| client.gone.is_some()) {
        let mut left = clients.swap_remove(index);
        if let Some(Err(error)) = left.gone {
            println!("{} is lost: {}", left.name, explain(&error));
            left.queue.extend(format!("error: {error}\r\n").bytes());
        }
        tell(clients, left.name, format!("Client left {}", left.name));
        close_in_background(left.stream, left.queue);
    }
    let waiting = clients.iter_mut().filter(|client| !client.queue.is_empty());
    waiting.for_each(send);
}
