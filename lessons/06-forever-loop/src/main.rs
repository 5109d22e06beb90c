// ANCHOR: all
//! Lesson 06: a server that serves one client after another, until Ctrl+C.
//!
//!     cargo run -p forever-loop

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, Instant};

use shared::{
    Args, Backoff, Context, Error, close_gracefully, display_addr, explain, println,
};
use socket2::{Domain, Socket, Type};

const HELP: &str = "\
Answers each line of a client with `OK... ` and the line; one client after another.

usage: forever-loop [HOST:PORT] [--patience SECONDS]

  HOST:PORT           where to listen (127.0.0.1:8888); port 0 takes any free port
  --patience SECONDS  how long a client may take to send a line (30)

example: cargo run -p forever-loop        then: nc 127.0.0.1 8888
";

const BACKLOG: i32 = 128;
const LONGEST_LINE: u64 = 4096;
const GOODBYE: Duration = Duration::from_millis(300); // to notice that we have closed

static ENDING: AtomicBool = AtomicBool::new(false); // set by Ctrl+C
/// The client that is being served: a second handle to its socket, for Ctrl+C.
static CLIENT: Mutex<Option<Socket>> = Mutex::new(None);

fn main() -> ExitCode {
    shared::run(HELP, run)
}

// ANCHOR: loop
fn run(args: Args) -> shared::Result<()> {
    let patience = args.seconds("patience", 30.0)?;
    let wanted = args.address_or("127.0.0.1:8888")?.first()?;
    let listener = listen(wanted).context(format!("cannot listen on {wanted}"))?;
    let own = listener.local_addr().context("cannot read our address")?;
    let own = own.as_socket().unwrap_or(wanted);
    let here = shared::reachable(own);
    ctrlc::set_handler(move || end(here))
        .map_err(|error| Error::new(format!("cannot watch for Ctrl+C: {error}")))?;
    println!("Listening on {own}\ntry: nc {} {}", here.ip(), here.port());
    let mut backoff = Backoff::default();
    while !ENDING.load(SeqCst) {
        match listener.accept() {
            Ok((client, _)) if ENDING.load(SeqCst) => close_gracefully(client, GOODBYE),
            Ok((client, peer)) => {
                backoff.reset();
                let (peer, start) = (display_addr(&peer), Instant::now());
                println!("{peer} is served");
                match serve(client, patience) {
                    Ok(()) => println!("{peer} has left after {:.1?}", start.elapsed()),
                    Err(error) => println!("{peer} is lost: {}", explain(&error)),
                }
            }
            // One client less, or no descriptor free (lesson 07): wait a little, go on.
            Err(error) => backoff.wait_or_fail(error).context("cannot accept")?,
        }
    }
    // The kernel has connected the clients in the queue. They see the end, too.
    listener.set_nonblocking(true).context("cannot end")?;
    let queued = std::iter::from_fn(|| listener.accept().ok()).take(BACKLOG as usize);
    shared::close_all(queued.map(|(client, _)| client), GOODBYE);
    Ok(())
}
// ANCHOR_END: loop

fn listen(address: SocketAddr) -> io::Result<Socket> {
    let listener = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    #[cfg(unix)]
    listener.set_reuse_address(true)?; // bind may pass TIME_WAIT, left by an earlier run
    listener.bind(&address.into())?;
    listener.listen(BACKLOG)?;
    Ok(listener)
}

// ANCHOR: end
/// Ctrl+C. Runs on ctrlc's thread, while the loop sleeps in `accept`, `recv` or `send`.
/// The kernel goes on with these calls after a signal: somebody has to wake them.
fn end(here: SocketAddr) {
    ENDING.store(true, SeqCst);
    let client = CLIENT.lock().expect("nobody panics with this lock").take();
    if let Some(client) = client {
        // The client sees the end of its stream. Most close then: `recv` returns 0.
        client.shutdown(Shutdown::Write).ok();
        std::thread::sleep(GOODBYE);
        // This one does not close: `recv` returns 0 all the same.
        client.shutdown(Shutdown::Read).ok();
    }
    TcpStream::connect_timeout(&here, GOODBYE).ok(); // a client wakes accept: be one
    std::thread::sleep(3 * GOODBYE); // the loop has ended the program by now
    std::process::exit(0); // or our address is gone, and nothing will wake it
}
// ANCHOR_END: end

// ANCHOR: serve
fn serve(client: Socket, patience: Duration) -> io::Result<()> {
    client.set_write_timeout(Some(patience))?; // for a client that never reads
    *CLIENT.lock().expect("nobody panics with this lock") = Some(client.try_clone()?);
    let result = answer(&client, patience);
    CLIENT.lock().expect("nobody panics with this lock").take();
    close_gracefully(client, GOODBYE);
    result
}

fn answer(mut client: &Socket, patience: Duration) -> io::Result<()> {
    let end = Instant::now() + patience;
    let mut reader = BufReader::new(Impatient { client, end });
    while !ENDING.load(SeqCst) {
        reader.get_mut().end = Instant::now() + patience;
        let mut line = Vec::new();
        let mut limited = reader.by_ref().take(LONGEST_LINE);
        if limited.read_until(b'\n', &mut line)? == 0 {
            break; // the end of the stream
        }
        if limited.limit() == 0 {
            client.write_all(b"error: this line is too long\n")?;
            return Err(io::Error::other("a line was too long"));
        }
        line.pop_if(|last| *last == b'\n'); // the last line may have no end
        line.pop_if(|last| *last == b'\r'); // telnet ends a line with both
        // One write for the whole answer: two small ones can cost 40 ms.
        client.write_all(&[b"OK... ", line.as_slice(), b"\n"].concat())?;
    }
    Ok(())
}

/// A socket, and when its line must be here. The kernel's timeout is for one `recv`: a
/// byte now and then would keep it away. So each one gets what is left of the time.
struct Impatient<'a> {
    client: &'a Socket,
    end: Instant,
}

impl Read for Impatient<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.end.saturating_duration_since(Instant::now()) {
            Duration::ZERO => return Err(ErrorKind::WouldBlock.into()), // as recv says it
            left => self.client.set_read_timeout(Some(left))?,
        }
        self.client.read(buffer)
    }
}
