//! Lesson 07: a server with a thread for each client, until Ctrl+C.
//!
//!     cargo run -p threaded-server   then: nc 127.0.0.1 9999
//!
//! What it cannot do: know where a message ends (lesson 09), and count the threads that
//! send clients away: a crowd at the door costs a thread each, for 0.3 s (a pool: lesson
//! 13).

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::{Arc, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use shared::{Args, Backoff, Context, StopSignal};
use shared::{announce, close_all, close_gracefully, explain, log, shutdown_and_drain};
use socket2::{Domain, Socket, Type};

const HELP: &str = "\
Greets each client by the names that it sends; a thread for each client.

usage: threaded-server [HOST:PORT] [--max-clients N] [--patience SECONDS]

  HOST:PORT           where to listen (127.0.0.1:9999); port 0 takes any free port
  --max-clients N     how many clients may be here at once (1000)
  --patience SECONDS  how long a client may be silent (300)

example: cargo run -p threaded-server   then: nc 127.0.0.1 9999
";

const BACKLOG: i32 = 1024; // std's TcpListener asks for 128: too few for a burst
const GOODBYE: Duration = Duration::from_millis(300); // for a client to see our end
const FULL: &[u8] = b"error: this server is full, try again later\n";

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    let most = args.value("max-clients")?.map_or(1000, NonZeroUsize::get);
    let patience = args.seconds("patience", 300.0)?;
    let wanted = args.address_or("127.0.0.1:9999")?.first()?;
    let listener = listen(wanted).context(format!("cannot listen on {wanted}"))?;
    let own = listener.local_addr().context("cannot read our address")?;
    let stop = StopSignal::watch()?;
    stop.wake_accept(&listener)
        .context("cannot watch for Ctrl+C")?;
    announce(own); // Listening on …, and how to talk to us

    let mut threads: Vec<JoinHandle<()>> = Vec::new();
    let mut streams: Vec<Weak<TcpStream>> = Vec::new();
    let mut backoff = Backoff::default();
    while !stop.requested() {
        let accepted = listener.accept();
        threads.retain(|thread| !thread.is_finished());
        streams.retain(|stream| stream.strong_count() > 0);
        match accepted {
            Ok((client, _)) if stop.requested() => close_gracefully(client, GOODBYE),
            Ok((client, peer)) if threads.len() >= most => refuse(client, peer),
            Ok((client, peer)) => {
                backoff.reset();
                log!("{peer} has come");
                let client = Arc::new(client);
                streams.push(Arc::downgrade(&client));
                match start(client, peer, patience) {
                    Ok(thread) => threads.push(thread),
                    Err(error) => log!("{peer} is lost, no thread: {error}"),
                }
            }
            Err(error) => backoff.wait_or_fail(error).context("cannot accept")?,
        }
    }
    say_goodbye_to_all(&streams, &threads, &listener).context("cannot end")?;
    for thread in threads {
        thread.join().ok(); // an error is a panic, and was printed
    }
    Ok(())
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    #[cfg(unix)]
    listener.set_reuse_address(true)?; // bind may pass TIME_WAIT: lesson 05
    listener.bind(&address.into())?;
    listener.listen(BACKLOG)?;
    Ok(listener.into()) // from here on std's own type will do
}

/// To be heard, a no takes a moment (lesson 05). It is not the loop's.
fn refuse(mut client: TcpStream, peer: SocketAddr) {
    log!("{peer} is sent away: the server is full");
    let thread = thread::Builder::new().spawn(move || {
        client.write_all(FULL).ok();
        close_gracefully(client, GOODBYE);
    });
    if let Err(error) = thread {
        log!("{peer} does not hear why, no thread: {error}");
    }
}

fn start(
    client: Arc<TcpStream>,
    peer: SocketAddr,
    patience: Duration,
) -> io::Result<JoinHandle<()>> {
    let thread = thread::Builder::new().name(peer.to_string());
    thread.spawn(move || {
        match serve(&client, patience) {
            Ok(()) => log!("{peer} has left"),
            Err(error) => log!("{peer} is lost: {}", explain(&error)),
        }
        shutdown_and_drain(&*client, GOODBYE);
    })
}

fn serve(mut client: &TcpStream, patience: Duration) -> io::Result<()> {
    client.set_read_timeout(Some(patience))?;
    client.set_write_timeout(Some(patience))?;
    client.write_all(b"Welcome!\n")?;
    let mut buffer = [0; 1024];
    loop {
        let count = match client.read(&mut buffer) {
            Ok(0) => return Ok(()), // the client has closed
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        };
        // We take what one recv returned for whole messages. That is wrong: lesson 09.
        let mut answers = Vec::new();
        for line in buffer[..count].split_inclusive(|byte| *byte == b'\n') {
            let name = line.trim_ascii_end();
            if name == b"exit" {
                return client.write_all(&answers);
            }
            answers.extend([b"Hello, ", name, b"!\n"].concat());
        }
        client.write_all(&answers)?; // one write: lesson 06
    }
}

/// Every client sees the end of its stream, also in the queue. Most close then, and their
/// threads end.
fn say_goodbye_to_all(
    streams: &[Weak<TcpStream>],
    threads: &[JoinHandle<()>],
    listener: &TcpListener,
) -> io::Result<()> {
    let deadline = Instant::now() + GOODBYE;
    shut_down(streams, Shutdown::Write);
    say_goodbye_to_the_queue(listener)?;
    let all_ended = || threads.iter().all(|thread| thread.is_finished());
    while !all_ended() && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(5));
    }
    shut_down(streams, Shutdown::Read); // the others: recv returns 0 all the same
    Ok(())
}

fn shut_down(streams: &[Weak<TcpStream>], half: Shutdown) {
    for stream in streams {
        if let Some(stream) = stream.upgrade() {
            stream.shutdown(half).ok(); // it fails where the client has reset
        }
    }
}

fn say_goodbye_to_the_queue(listener: &TcpListener) -> io::Result<()> {
    listener.set_nonblocking(true)?; // accept never sleeps again: an error at its end
    let mut waiting = Vec::new();
    for _ in 0..BACKLOG {
        match listener.accept() {
            Ok((client, _)) => waiting.push(client),
            Err(_) => break,
        }
    }
    close_all(waiting, GOODBYE);
    Ok(())
}
