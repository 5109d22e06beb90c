//! Lesson 13, step 8: shutdown: the loop ends, then the clients, then the workers.
//!
//!     cargo run -p server-framework --bin server-framework-8   then: nc 127.0.0.1 2525
//!
//! What it cannot do: hear Ctrl+C while its queue is full: then it sleeps in `send`, not
//! in accept. Nor can it end one of two servers in a program: there is one ENDING. The
//! library mends both.

use std::env;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, Weak};
use std::thread::{self, JoinHandle};

const WORKERS: usize = 2; // so few that you can try it
const QUEUE: usize = 16;

static ENDING: AtomicBool = AtomicBool::new(false); // set by Ctrl+C

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:2525".to_string());
    let listener = TcpListener::bind(address)?;
    let own = listener.local_addr()?;
    println!("Listening on {own}");
    ctrlc::set_handler(move || shutdown(own)).map_err(io::Error::other)?;
    serve_forever(&listener, Echo::default())
}

/// Ends the loop of serve_forever, from another thread.
fn shutdown(own: SocketAddr) {
    ENDING.store(true, SeqCst);
    TcpStream::connect(own).ok(); // accept returns: lesson 06
}

/// What the framework wants of you. Only `handle` has to be written.
trait Handler: Send + Sync + 'static {
    fn setup(&self, _client: &TcpStream) -> io::Result<()> {
        Ok(())
    }

    fn handle(&self, client: &TcpStream) -> io::Result<()>;

    fn finish(&self, _client: &TcpStream) -> io::Result<()> {
        Ok(())
    }
}

// ANCHOR: framework
/// The framework: written once, for all servers.
fn serve_forever(listener: &TcpListener, handler: impl Handler) -> io::Result<()> {
    let handler = Arc::new(handler);
    let (queue, workers) = start_workers()?;
    let mut streams: Vec<Weak<TcpStream>> = Vec::new();
    loop {
        let (client, peer) = listener.accept()?;
        if ENDING.load(SeqCst) {
            break; // that was our own connection
        }
        let client = Arc::new(client);
        streams.retain(|stream| stream.strong_count() > 0);
        streams.push(Arc::downgrade(&client));
        let handler = Arc::clone(&handler);
        let job = move || {
            if let Err(error) = process(&*handler, &client) {
                println!("{peer} is lost: {error}");
            }
        };
        let sent = queue.send(Box::new(job));
        sent.map_err(|_| io::Error::other("no worker is left"))?;
    }
    for stream in streams.iter().filter_map(Weak::upgrade) {
        stream.shutdown(Shutdown::Both).ok(); // recv returns 0, here and there
    }
    drop(queue); // the workers' recv fails when it is empty
    for worker in workers {
        worker.join().ok(); // an error is a panic, and was printed
    }
    Ok(())
}
// ANCHOR_END: framework

/// What a worker does for one client.
type Job = Box<dyn FnOnce() + Send>;

fn start_workers() -> io::Result<(SyncSender<Job>, Vec<JoinHandle<()>>)> {
    let (queue, jobs) = sync_channel::<Job>(QUEUE);
    let jobs = Arc::new(Mutex::new(jobs));
    let mut workers = Vec::new();
    for _ in 0..WORKERS {
        let jobs = Arc::clone(&jobs);
        workers.push(thread::Builder::new().spawn(move || work(&jobs))?);
    }
    Ok((queue, workers))
}

fn work(jobs: &Mutex<Receiver<Job>>) {
    loop {
        let job = jobs.lock().expect("no panic under it").recv();
        // The lock was given back at the end of that line.
        match job {
            Ok(job) => job(),
            Err(_) => return, // nobody sends any more
        }
    }
}

fn process(handler: &impl Handler, client: &TcpStream) -> io::Result<()> {
    catch_panic(|| handler.setup(client))?;
    let handled = catch_panic(|| handler.handle(client));
    let finished = catch_panic(|| handler.finish(client)); // also after an error
    handled.and(finished)
}

fn catch_panic(part: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    match catch_unwind(AssertUnwindSafe(part)) {
        Ok(result) => result,
        Err(_) => Err(io::Error::other("its handler has panicked")),
    }
}

/// The handler: what this server is for.
#[derive(Default)]
struct Echo {
    here: AtomicUsize,
}

impl Handler for Echo {
    fn setup(&self, _client: &TcpStream) -> io::Result<()> {
        println!("{} here", self.here.fetch_add(1, SeqCst) + 1);
        Ok(())
    }

    fn handle(&self, client: &TcpStream) -> io::Result<()> {
        echo(client)
    }

    fn finish(&self, _client: &TcpStream) -> io::Result<()> {
        println!("{} here", self.here.fetch_sub(1, SeqCst) - 1);
        Ok(())
    }
}

fn echo(mut client: &TcpStream) -> io::Result<()> {
    let mut chunk = [0; 4096];
    loop {
        let count = client.read(&mut chunk)?;
        if count == 0 {
            return Ok(()); // the client has closed
        }
        client.write_all(&chunk[..count])?;
    }
}
