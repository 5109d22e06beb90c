// ANCHOR: all
//! Lesson 06: a server that serves one client after another, until Ctrl+C.
//!
//!     cargo run -p forever-loop        then: nc 127.0.0.1 8888
//!
//! What it cannot do: serve two at a time (lesson 07), and bear a client that sends a byte
//! now and then: each byte is in time, and the line never ends (lesson 09).

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::{self, ExitCode};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use shared::{
    Args, Context, Error, close_all, close_gracefully, eprintln, explain, log, println,
};

const HELP: &str = "\
Answers each line of a client with `OK... ` and the line; one client after another.

usage: forever-loop [HOST:PORT] [--patience SECONDS]

  HOST:PORT           where to listen (127.0.0.1:8888); port 0 takes any free port
  --patience SECONDS  how long one recv or send of a client may take (30)

example: cargo run -p forever-loop        then: nc 127.0.0.1 8888
";

const LONGEST_LINE: u64 = 4096;
const GOODBYE: Duration = Duration::from_millis(300); // for a client to see our end, and close
const PAUSE: Duration = Duration::from_millis(100);

static ENDING: AtomicBool = AtomicBool::new(false); // set by Ctrl+C
/// The client that is being served: a second handle to its socket, for Ctrl+C.
static CLIENT: Mutex<Option<TcpStream>> = Mutex::new(None);

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    let patience = args.seconds("patience", 30.0)?;
    let wanted = args.address_or("127.0.0.1:8888")?.first()?;
    let listener =
        TcpListener::bind(wanted).context(format!("cannot listen on {wanted}"))?;
    let own = listener.local_addr().context("cannot read our address")?;
    let here = shared::reachable(own); // 127.0.0.1 where we listen on 0.0.0.0
    ctrlc::set_handler(move || end(here))
        .map_err(|error| Error::new(format!("cannot watch for Ctrl+C: {error}")))?;
    println!("Listening on {own}\ntry: nc {} {}", here.ip(), here.port());

    while !ENDING.load(SeqCst) {
        match listener.accept() {
            Ok((client, _)) if ENDING.load(SeqCst) => close_gracefully(client, GOODBYE),
            Ok((client, peer)) => {
                log!("{peer} is served");
                let start = Instant::now();
                match serve(client, patience) {
                    Ok(()) => log!("{peer} has left after {:.1?}", start.elapsed()),
                    Err(error) => log!("{peer} is lost: {}", explain(&error)),
                }
            }
            Err(error) => {
                eprintln!("cannot accept: {}; new clients wait", explain(&error));
                thread::sleep(PAUSE); // without a free descriptor this would spin: lesson 07
            }
        }
    }
    say_goodbye_to_the_queue(&listener)
}

/// The kernel has connected the clients in the queue: they see the end, too.
fn say_goodbye_to_the_queue(listener: &TcpListener) -> shared::Result<()> {
    listener.set_nonblocking(true).context("cannot end")?; // accept never sleeps again:
    let mut waiting = Vec::new();
    while let Ok((client, _)) = listener.accept() {
        waiting.push(client); // it is an error when nobody is left
    }
    close_all(waiting, GOODBYE);
    Ok(())
}

/// Runs on a thread of ctrlc's, while the loop sleeps in accept, recv or send.
fn end(here: SocketAddr) {
    ENDING.store(true, SeqCst); // before anybody wakes up and looks
    let client = CLIENT.lock().expect("nobody panics with this lock").take();
    if let Some(client) = client {
        // The client sees the end of its stream. Most close then: recv returns 0.
        client.shutdown(Shutdown::Write).ok();
        thread::sleep(GOODBYE);
        // This one does not close: recv returns 0 all the same.
        client.shutdown(Shutdown::Read).ok();
    }
    TcpStream::connect_timeout(&here, GOODBYE).ok(); // accept returns: we are its last client
    thread::sleep(3 * GOODBYE); // by now the loop has ended the program,
    process::exit(0); // or our address is gone, and nothing will wake it
}

fn serve(mut client: TcpStream, patience: Duration) -> io::Result<()> {
    *CLIENT.lock().expect("nobody panics with this lock") = Some(client.try_clone()?);
    let result = answer_lines(&mut client, patience);
    CLIENT.lock().expect("nobody panics with this lock").take();
    close_gracefully(client, GOODBYE);
    result
}

fn answer_lines(client: &mut TcpStream, patience: Duration) -> io::Result<()> {
    client.set_read_timeout(Some(patience))?; // a client that says nothing
    client.set_write_timeout(Some(patience))?; // a client that never reads its answers
    let mut reader = BufReader::new(client.try_clone()?);
    while !ENDING.load(SeqCst) {
        let mut line = Vec::new(); // bytes: what comes need not be text
        let mut limited = reader.by_ref().take(LONGEST_LINE);
        if limited.read_until(b'\n', &mut line)? == 0 {
            break; // the client has closed
        }
        if limited.limit() == 0 && !line.ends_with(b"\n") {
            client.write_all(b"error: this line is too long\n")?;
            return Err(io::Error::other("a line was too long"));
        }
        let line = line.strip_suffix(b"\n").unwrap_or(&line); // the last may have none
        let line = line.strip_suffix(b"\r").unwrap_or(line); // telnet sends \r\n
        client.write_all(&[b"OK... ", line, b"\n"].concat())?;
    }
    Ok(())
}
