//! Lesson 11: a chat server on select. One thread serves all, and waits for nobody.
//!
//!     cargo run -p chat        then, in other terminals: nc 127.0.0.1 2626
//!
//! What it cannot do: limit how much one client says (exercise 4); serve more than a
//! thousand (lesson 17).

use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, AsRawFd};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::select::{FD_SETSIZE, FdSet, select};
use nix::sys::time::{TimeVal, TimeValLike};
use shared::{Args, Backoff, Context, Error};
use shared::{close_all, fits_fd_set, log, println, would_block};
use socket2::{SockRef, TcpKeepalive};

mod clients;
mod lines;

use clients::{Client, GOODBYE, hear, part, remove, send, tell};

const HELP: &str = "\
Passes each line that a client sends on to all the others.

usage: chat [HOST:PORT] [--max-clients N] [--patience SECONDS]

  HOST:PORT           where to listen (127.0.0.1:2626); port 0 takes any free port
  --max-clients N     how many may be here at once (as many as select can watch)
  --patience SECONDS  how long a client's machine may show no sign of life (60)

example: cargo run -p chat        then: nc 127.0.0.1 2626
";

/// What select has found.
struct Ready {
    ctrl_c: bool,
    newcomers: bool,
    readers: Vec<usize>, // which clients have room again: their numbers in the list
    speakers: Vec<usize>, // and which have something for us
}

pub fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    let most = args.value("max-clients")?.unwrap_or(FD_SETSIZE);
    let patience = args.seconds("patience", 60.0)?;
    let wanted = args.address_or("127.0.0.1:2626")?.first()?;
    let listener =
        listen(wanted, patience).context(format!("cannot listen on {wanted}"))?;
    let wake_rx = wake_on_ctrl_c()?;
    let own = listener.local_addr().context("cannot read our address")?;
    let here = shared::reachable(own); // 127.0.0.1 where we listen on 0.0.0.0
    println!("Listening on {own}\ntry: nc {} {}", here.ip(), here.port());

    let mut clients = Vec::new();
    let mut backoff = Backoff::default(); // of lesson 07
    let mut pause = None; // until then the listener is left alone
    loop {
        let ready = wait(&listener, &wake_rx, &clients, pause).context("cannot wait")?;
        if ready.ctrl_c {
            break;
        }
        for index in ready.readers {
            send(&mut clients[index]);
        }
        for index in ready.speakers {
            hear(&mut clients, index);
        }
        if ready.newcomers {
            pause = accept(&listener, &mut clients, most, &mut backoff)?;
        }
        part(&mut clients);
        if remove(&mut clients) {
            pause = None; // a descriptor is free again
        }
    }
    end(listener, clients)
}

fn listen(address: SocketAddr, patience: Duration) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?; // with a queue of 128
    fits_fd_set(&listener)?; // or `FdSet::insert` would panic
    listener.set_nonblocking(true)?;
    let socket = SockRef::from(&listener);
    socket.listen(1024)?; // a longer queue
    // Accepted connections inherit what is set here. A client whose machine gives no sign
    // of life is given up: lesson 12.
    let second = Duration::from_secs(1);
    let keepalive = TcpKeepalive::new()
        .with_time((patience / 2).max(second))
        .with_interval((patience / 8).max(second));
    socket.set_tcp_keepalive(&keepalive)?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(patience))?;
    socket.set_tcp_nodelay(true)?; // the second small line waits for nothing: lesson 06
    Ok(listener)
}

/// A pipe that comes to its end on Ctrl+C: select cannot see a signal, but that it sees.
fn wake_on_ctrl_c() -> shared::Result<io::PipeReader> {
    let (wake_rx, wake_tx) = io::pipe().context("cannot make a pipe")?;
    fits_fd_set(&wake_rx).context("cannot watch for Ctrl+C")?;
    let mut wake_tx = Some(wake_tx);
    ctrlc::set_handler(move || drop(wake_tx.take())) // closes the only end for writing
        .map_err(|error| Error::new(format!("cannot watch for Ctrl+C: {error}")))?;
    Ok(wake_rx)
}

/// Sleeps until there is something to do.
fn wait(
    listener: &TcpListener,
    wake_rx: &io::PipeReader,
    clients: &[Client],
    pause: Option<Instant>,
) -> io::Result<Ready> {
    let (mut readable, mut writable) = (FdSet::new(), FdSet::new());
    readable.insert(wake_rx.as_fd());
    if pause.is_none_or(|end| Instant::now() >= end) {
        readable.insert(listener.as_fd());
    }
    for client in clients {
        if !client.ended {
            readable.insert(client.stream.as_fd()); // an end is readable, for ever
        }
        if !client.queue.is_empty() {
            writable.insert(client.stream.as_fd()); // we have something for it
        }
    }
    // Where a time matters, to us or to somebody who parts, we look ten times a second.
    let mut tenth = TimeVal::milliseconds(100);
    let hurry = pause.is_some() || clients.iter().any(|client| client.parted.is_some());
    let timeout = if hurry { Some(&mut tenth) } else { None };
    match select(None, &mut readable, &mut writable, None, timeout) {
        // A signal's handler has run. The sets mean nothing, so nobody is ready.
        Err(Errno::EINTR) => (readable, writable) = (FdSet::new(), FdSet::new()),
        result => {
            result?;
        }
    }
    Ok(Ready {
        ctrl_c: readable.contains(wake_rx.as_fd()),
        newcomers: readable.contains(listener.as_fd()),
        readers: those_in(&writable, clients),
        speakers: those_in(&readable, clients),
    })
}

fn those_in(set: &FdSet, clients: &[Client]) -> Vec<usize> {
    let is_in = |&index: &usize| set.contains(clients[index].stream.as_fd());
    (0..clients.len()).filter(is_in).collect()
}

/// Lets newcomers in. Where there is no descriptor for one: until when to leave it alone.
fn accept(
    listener: &TcpListener,
    clients: &mut Vec<Client>,
    most: usize,
    backoff: &mut Backoff,
) -> shared::Result<Option<Instant>> {
    // Not all of a crowd in one turn: those who are here want to be served, too.
    for _ in 0..100 {
        match listener.accept() {
            Ok((stream, name)) => admit(clients, stream, name, most),
            Err(error) if would_block(&error) => break,
            Err(error) => {
                let wait = backoff.wait_after(&error).context("cannot accept")?;
                return Ok(Some(Instant::now() + wait));
            }
        }
        backoff.reset(); // it works: the next wait is a short one again
    }
    backoff.reset();
    Ok(None)
}

fn admit(
    clients: &mut Vec<Client>,
    mut stream: TcpStream,
    name: SocketAddr,
    most: usize,
) {
    let full = b"error: this chat is full, try again later\r\n";
    let number = stream.as_raw_fd() as usize;
    if number >= FD_SETSIZE {
        stream.write_all(full).ok(); // fits into an empty buffer; and it is closed
        return;
    }
    let mut client = Client {
        stream,
        name,
        rest: Vec::new(),
        queue: b"You're connected to the Rust chat server\r\n".to_vec(),
        ended: false,
        error: None,
        parted: None,
    };
    // Inherited from the listener are its options, but not this.
    client.error = client.stream.set_nonblocking(true).err();
    let here = clients.iter().filter(|client| client.parted.is_none());
    if here.count() >= most || number >= FD_SETSIZE - 16 {
        log!("{name} is sent away: the chat is full");
        client.queue = full.to_vec();
        client.parted = Some(Instant::now() + GOODBYE);
    } else {
        tell(clients, name, format!("Client joined {name}").as_bytes());
    }
    clients.push(client);
}

/// The end for all, also for those who wait in the listener's queue.
fn end(listener: TcpListener, clients: Vec<Client>) -> shared::Result<()> {
    let mut streams: Vec<_> = clients.into_iter().map(|client| client.stream).collect();
    while let Ok((stream, _)) = listener.accept() {
        streams.push(stream);
    }
    drop(listener); // from here on newcomers are refused
    close_all(streams, GOODBYE);
    Ok(())
}
