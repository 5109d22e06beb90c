// ANCHOR: all
//! Lesson 07: a server with a thread for each client.
//!
//!     cargo run -p threaded-server      (then, in other terminals: nc 127.0.0.1 9999)

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::{Arc, Weak, mpsc};
use std::time::{Duration, Instant};
use std::{num::NonZeroUsize, thread};

use shared::{Args, Backoff, Context, StopSignal};
use shared::{
    close_all, close_gracefully, explain, println, reachable, shutdown_and_drain,
};
use socket2::{Domain, Socket, Type};

const HELP: &str = "\
Greets each client by the names that it sends; a thread for each client.

usage: threaded-server [HOST:PORT] [--max-clients N] [--patience SECONDS]

  HOST:PORT           where to listen (127.0.0.1:9999); port 0 takes any free port
  --max-clients N     how many clients may be here at once (1000)
  --patience SECONDS  how long a client may be silent (300)

example: cargo run -p threaded-server        then: nc 127.0.0.1 9999
";

const BACKLOG: i32 = 1024; // std's TcpListener asks for 128: too few for a burst
const GOODBYE: Duration = Duration::from_millis(300); // to notice that we have closed
const FULL: &[u8] = b"error: this server is full, try again later\n";

fn main() -> ExitCode {
    shared::run(HELP, run)
}

// ANCHOR: loop
fn run(args: Args) -> shared::Result<()> {
    let most = args.value("max-clients")?.map_or(1000, NonZeroUsize::get);
    let patience = args.seconds("patience", 300.0)?;
    let wanted = args.address_or("127.0.0.1:9999")?.first()?;
    let listener = listen(wanted).context(format!("cannot listen on {wanted}"))?;
    let own = listener.local_addr().context("cannot read our address")?;
    let stop = StopSignal::watch()?;
    stop.wake_accept(&listener)
        .context("cannot read our address")?;
    println!("Listening on {own}");
    println!("try: nc {} {}", reachable(own).ip(), own.port());
    let (door, sent_away) = mpsc::sync_channel(64);
    thread::spawn(move || closer(sent_away));
    // A thread owns its client's stream. We know of it, and do not keep it open.
    let (mut clients, mut backoff) = (Vec::<Weak<TcpStream>>::new(), Backoff::default());
    while !stop.requested() {
        let accepted = listener.accept();
        clients.retain(|client| client.strong_count() > 0);
        match accepted {
            Ok((client, _)) if stop.requested() => close_gracefully(client, GOODBYE),
            Ok((mut client, peer)) if clients.len() >= most => {
                println!("{peer} is sent away: the server is full");
                client.write_all(FULL).ok();
                door.try_send(client).ok(); // a crowd at the door, too: just close
            }
            Ok((client, peer)) => {
                backoff.reset();
                let client = Arc::new(client);
                clients.push(Arc::downgrade(&client));
                start(client, peer.to_string(), patience);
            }
            Err(error) => backoff.wait_or_fail(error).context("cannot accept")?,
        }
    }
    send_home(&clients, &listener).context("cannot end")
}

/// Who is sent away needs some time to hear why: not the time of the loop.
fn closer(sent_away: mpsc::Receiver<TcpStream>) {
    while let Ok(first) = sent_away.recv() {
        let mut crowd = vec![first];
        crowd.extend(sent_away.try_iter()); // who else stands there by now
        close_all(crowd, GOODBYE);
    }
}
// ANCHOR_END: loop

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    #[cfg(unix)]
    listener.set_reuse_address(true)?; // bind may pass TIME_WAIT: lesson 06
    listener.bind(&address.into())?;
    listener.listen(BACKLOG)?;
    Ok(listener.into()) // from here on std's own type will do
}

// ANCHOR: thread
fn start(client: Arc<TcpStream>, name: String, patience: Duration) {
    println!("{name} has come");
    // A panic tells the name of its thread. `thread::spawn` panics where none is left.
    // `move`: the client belongs to the thread now, and is dropped when that ends.
    let spawned = thread::Builder::new().name(name.clone()).spawn(move || {
        match serve(&client, patience) {
            Ok(()) => println!("{name} has left"),
            Err(error) => println!("{name} is lost: {}", explain(&error)),
        }
        shutdown_and_drain(&*client, GOODBYE);
    });
    if let Err(error) = spawned {
        println!("this client is lost: no thread for it: {error}");
    }
}
// ANCHOR_END: thread

// ANCHOR: serve
fn serve(mut client: &TcpStream, patience: Duration) -> io::Result<()> {
    client.set_read_timeout(Some(patience))?;
    client.set_write_timeout(Some(patience))?;
    client.write_all(b"Welcome!\n")?;
    let mut chunk = [0; 1024];
    loop {
        let count = match client.read(&mut chunk) {
            Err(ref error) if error.kind() == ErrorKind::Interrupted => continue,
            Ok(0) => return Ok(()),
            result => result?,
        };
        // We take what one recv gives for a whole message. That is wrong: lesson 09.
        let mut answers = Vec::new();
        for line in chunk[..count].split_inclusive(|byte| *byte == b'\n') {
            match line.trim_ascii_end() {
                b"exit" => return client.write_all(&answers),
                name => answers.extend([b"Hello, ", name, b"!\n"].concat()),
            }
        }
        client.write_all(&answers)?;
    }
}
// ANCHOR_END: serve

// ANCHOR: home
/// Every client sees the end of its stream, also in the queue. Most close: threads end.
fn send_home(clients: &[Weak<TcpStream>], listener: &TcpListener) -> io::Result<()> {
    for client in clients.iter().filter_map(Weak::upgrade) {
        client.shutdown(Shutdown::Write).ok();
    }
    listener.set_nonblocking(true)?;
    let queued = listener.incoming().map_while(|client| client.ok());
    close_all(queued.take(BACKLOG as usize), GOODBYE);
    let end = Instant::now() + GOODBYE;
    while clients.iter().any(|client| client.strong_count() > 0) && Instant::now() < end {
        thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}
