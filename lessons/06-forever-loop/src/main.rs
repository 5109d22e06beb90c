//! Lesson 06: a server that serves one client after another, until Ctrl+C.
//!
//!     cargo run -p forever-loop
//!     nc 127.0.0.1 8888              (in a second terminal, and in a third)

use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::net::{Shutdown as Half, SocketAddr, TcpStream};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, Instant};

use shared::{Args, Backoff, Context, Error, Result};
use shared::{hang_up, hang_up_all, println};
use socket2::{Domain, Socket, Type};

const HELP: &str = "\
Answers each line of a client with `OK... ` and the line; one client after another.

usage: forever-loop [HOST:PORT] [--patience SECONDS]

  HOST:PORT           where to listen (127.0.0.1:8888); port 0 takes any free port
  --patience SECONDS  how long a client may take to send a line (30)

example: cargo run -p forever-loop        then: nc 127.0.0.1 8888
";

const LONGEST_LINE: usize = 4096;
/// How long a client may take to notice that we have closed.
const GOODBYE: Duration = Duration::from_millis(300);

/// Set by Ctrl+C. The loop looks at it whenever it wakes up.
static ENDING: AtomicBool = AtomicBool::new(false);
/// The client that is being served: a second handle to its socket, for Ctrl+C to close.
static CLIENT: Mutex<Option<Socket>> = Mutex::new(None);

fn main() -> ExitCode {
    shared::run(HELP, &["patience="], lesson)
}

fn lesson(args: Args) -> Result<()> {
    let patience = args.seconds("patience", 30.0)?;
    let wanted = args.address_or("127.0.0.1:8888")?.first()?;
    let listener = listen(wanted).context(format!("cannot listen on {wanted}"))?;
    let own = listener
        .local_addr()
        .context("cannot read the listener's address")?;
    let own = own.as_socket().unwrap_or(wanted);
    ctrlc::set_handler(move || end(own))
        .map_err(|error| Error::new(format!("cannot watch for Ctrl+C: {error}")))?;
    println!("Listening on {own}");
    println!("try: nc {} {}", own.ip(), own.port());

    let mut backoff = Backoff::default();
    while !ENDING.load(SeqCst) {
        match listener.accept() {
            Ok((client, peer)) => {
                backoff.reset();
                let name = peer
                    .as_socket()
                    .map_or("unknown".into(), |peer| peer.to_string());
                println!("{name} is being served");
                match serve(client, patience) {
                    Ok(lines) => println!("{name} has left after {lines} lines"),
                    Err(error) => println!("{name} is lost: {}", shared::explain(&error)),
                }
            }
            // One client less, or no descriptor free: survive that, wait, go on.
            Err(error) => backoff.survive(error).context("cannot accept")?,
        }
    }
    say_goodbye_to_the_queue(&listener);
    println!("the end");
    Ok(())
}

fn listen(address: SocketAddr) -> io::Result<Socket> {
    let listener = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // On Unix, bind may then pass the connections of an earlier run that wait in TIME_WAIT.
    // (On Windows this option would allow a second server to take the same port.)
    #[cfg(unix)]
    listener.set_reuse_address(true)?;
    listener.bind(&address.into())?;
    listener.listen(128)?;
    Ok(listener)
}

// ANCHOR: end
/// Runs on a thread of ctrlc, while the loop is blocked in `accept` or in a read.
/// The kernel restarts both after the signal, so somebody has to wake them.
fn end(own: SocketAddr) {
    ENDING.store(true, SeqCst);
    // A read wakes up when its socket is shut down: it returns 0, as at the peer's end.
    if let Some(client) = &*CLIENT.lock().expect("nobody panics with this lock") {
        client.shutdown(Half::Both).ok();
    }
    // accept wakes up when a client comes: so be one.
    TcpStream::connect_timeout(&own, GOODBYE).ok();
}
// ANCHOR_END: end

fn serve(client: Socket, patience: Duration) -> io::Result<usize> {
    client.set_write_timeout(Some(patience))?; // for a client that never reads
    *CLIENT.lock().expect("nobody panics with this lock") = Some(client.try_clone()?);
    let result = answer(&client, patience);
    CLIENT.lock().expect("nobody panics with this lock").take();
    hang_up(client, GOODBYE);
    result
}

fn answer(mut client: &Socket, patience: Duration) -> io::Result<usize> {
    let mut reader = BufReader::new(client);
    let mut count = 0;
    while !ENDING.load(SeqCst)
        && let Some(line) = read_line(&mut reader, Instant::now() + patience)?
    {
        // One write for the whole answer: two small ones can cost 40 ms (lesson 12).
        client.write_all(&[b"OK... ", line.as_slice(), b"\n"].concat())?;
        count += 1;
    }
    Ok(count)
}

/// The next line without its end, `\n` or `\r\n`; none at the end of the stream.
fn read_line(
    reader: &mut BufReader<&Socket>,
    end: Instant,
) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    while line.len() <= LONGEST_LINE {
        // The timeout is for one recv; a client that sends a byte now and then would
        // never meet it. So each recv gets only the time that is left for the line.
        let left = end.saturating_duration_since(Instant::now());
        reader
            .get_ref()
            .set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
        let chunk = match reader.fill_buf() {
            Ok([]) => return Ok((!line.is_empty()).then_some(line)),
            Ok(chunk) => chunk,
            Err(ref error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let newline = chunk.iter().position(|byte| *byte == b'\n');
        line.extend(&chunk[..newline.unwrap_or(chunk.len())]);
        let taken = newline.map_or(chunk.len(), |newline| newline + 1);
        reader.consume(taken);
        if newline.is_some() {
            line.pop_if(|last| *last == b'\r'); // telnet ends its lines so
            return Ok(Some(line));
        }
    }
    let mut client: &Socket = reader.get_ref();
    client.write_all(b"error: this line is too long\n")?;
    Err(io::Error::new(ErrorKind::InvalidData, "a line is too long"))
}

/// Clients in the queue of `accept` were connected by the kernel. They see the end, too.
fn say_goodbye_to_the_queue(listener: &Socket) {
    if listener.set_nonblocking(true).is_ok() {
        let queued = std::iter::from_fn(|| listener.accept().ok());
        hang_up_all(queued.map(|(client, _)| client), GOODBYE);
    }
}
