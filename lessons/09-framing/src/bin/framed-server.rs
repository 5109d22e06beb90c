// ANCHOR: all
//! Lesson 09: the greetings of lesson 07, with frames in place of luck.
//!
//!     cargo run -p framing --bin framed-server
//!     cargo run -p framing --bin framed-client -- 127.0.0.1:9000
//!
//! A frame is its length, 4 bytes big-endian, then that many bytes.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use shared::{Args, Backoff, Context, DeadlineStream, StopSignal};
use shared::{explain, println, reachable};
use socket2::{Domain, Socket, Type};

const HELP: &str = "\
Answers each frame NAME with a frame `Hello, NAME!`.

usage: framed-server [HOST:PORT] [--max-clients N] [--patience SECONDS]

  HOST:PORT           where to listen (127.0.0.1:9000); port 0 lets the kernel choose
  --max-clients N     how many clients at a time (100)
  --patience SECONDS  how long to wait for a whole frame (30)

example: cargo run -p framing --bin framed-server -- 127.0.0.1:0
";

/// No frame is longer. Without a limit, 4 bytes from anybody would cost us 4 GiB.
const LIMIT: usize = 65_536;

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    let max_clients = args.value("max-clients")?.unwrap_or(100);
    let patience = args.seconds("patience", 30.0)?;
    let wanted = args.address_or("127.0.0.1:9000")?.first()?;
    let stop = StopSignal::watch()?;
    let listener = listen(wanted).context(format!("cannot listen on {wanted}"))?;
    let own = listener.local_addr().context("cannot read our address")?;
    let (try_it, here) = ("cargo run -p framing --bin framed-client", reachable(own));
    println!("Listening on {own}\ntry: {try_it} -- {here}");
    stop.wake_accept(&listener)
        .context("cannot read our address")?;

    let mut backoff = Backoff::default();
    let seat = Arc::new(()); // each thread holds a clone: their number is our count
    // A scope ends when all its threads have ended: then every client was told.
    thread::scope(|scope| {
        loop {
            let peer = match listener.accept() {
                Ok((socket, _)) => DeadlineStream::new(socket),
                Err(_) if stop.requested() => return Ok(()), // the queue is empty
                Err(error) => {
                    backoff.wait_or_fail(error).context("cannot accept")?;
                    continue;
                }
            };
            backoff.reset();
            if stop.requested() {
                // Those who still wait in the queue are to see a clean end, too.
                listener.set_nonblocking(true).context("cannot end")?;
            }
            let seat = Arc::clone(&seat);
            let full = Arc::strong_count(&seat) - 1 > max_clients;
            let client = move || {
                serve(peer, full, patience);
                drop(seat);
            };
            // Where the system has no thread left, this one client is let go.
            if let Err(error) = thread::Builder::new().spawn_scoped(scope, client) {
                println!("no thread for a client: {}", explain(&error));
            }
        }
    })
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // On Unix, bind may then pass connections of an earlier run that wait in TIME_WAIT.
    #[cfg(unix)]
    listener.set_reuse_address(true)?;
    listener.bind(&address.into())?;
    listener.listen(128)?;
    Ok(listener.into())
}

// ANCHOR: serve
/// Serves a client to its end, and hangs up politely: an error is a frame, too.
fn serve(mut peer: DeadlineStream, full: bool, patience: Duration) {
    let end = if full {
        Err(io::Error::other("too many clients, come back later"))
    } else {
        greet(&mut peer, patience)
    };
    if let Err(error) = end {
        let words = format!("error: {}", explain(&error));
        println!("a client was let go: {words}");
        // When it has gone already, nobody misses this frame.
        write_frame(peer.within(Duration::from_secs(1)), words.as_bytes()).ok();
    }
    peer.close_gracefully();
}

fn greet(peer: &mut DeadlineStream, patience: Duration) -> io::Result<()> {
    while let Some(name) = read_frame(peer.within(patience))? {
        write_frame(
            peer.within(patience),
            &[b"Hello, ", &name[..], b"!"].concat(),
        )?;
    }
    Ok(())
}
// ANCHOR_END: serve

// ANCHOR: frames
/// The next frame; none where the stream ends between two frames.
fn read_frame(peer: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut head = [0; 4];
    // The first byte alone: no byte here is a goodbye, anywhere else it is an error.
    if peer.read(&mut head[..1])? == 0 {
        return Ok(None);
    }
    peer.read_exact(&mut head[1..])?; // reads again and again until all is there
    let length = u32::from_be_bytes(head) as usize;
    if length > LIMIT {
        // Before any memory is taken: so far this is only what a stranger says.
        let words = format!("a frame of {length} bytes, the limit is {LIMIT}");
        return Err(io::Error::new(ErrorKind::InvalidData, words));
    }
    let mut frame = vec![0; length];
    peer.read_exact(&mut frame)?;
    Ok(Some(frame))
}

/// Length and message in one write: two small ones can cost 40 ms (lesson 06).
fn write_frame(peer: &mut impl Write, message: &[u8]) -> io::Result<()> {
    let length = u32::try_from(message.len()).map_err(io::Error::other)?;
    peer.write_all(&[&length.to_be_bytes(), message].concat())
}
