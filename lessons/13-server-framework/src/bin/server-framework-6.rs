//! Lesson 13, step 6: the lock is given back before the work.
//!
//!     cargo run -p server-framework --bin server-framework-6   then: nc 127.0.0.1 2525
//!
//! What it cannot do: survive its users. A handler that panics takes its worker along.
//! Step 7 mends it.

use std::env;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;

const WORKERS: usize = 2; // so few that you can try it
const QUEUE: usize = 16;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:2525".to_string());
    let listener = TcpListener::bind(address)?;
    println!("Listening on {}", listener.local_addr()?);
    serve_forever(&listener, Echo::default())
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

/// The framework: written once, for all servers.
fn serve_forever(listener: &TcpListener, handler: impl Handler) -> io::Result<()> {
    let handler = Arc::new(handler);
    let queue = start_workers()?;
    loop {
        let (client, peer) = listener.accept()?;
        let handler = Arc::clone(&handler);
        let job = move || {
            if let Err(error) = process(&*handler, &client) {
                println!("{peer} is lost: {error}");
            }
        };
        let sent = queue.send(Box::new(job));
        sent.map_err(|_| io::Error::other("no worker is left"))?;
    }
}

/// What a worker does for one client.
type Job = Box<dyn FnOnce() + Send>;

fn start_workers() -> io::Result<SyncSender<Job>> {
    let (queue, jobs) = sync_channel::<Job>(QUEUE);
    let jobs = Arc::new(Mutex::new(jobs));
    for _ in 0..WORKERS {
        let jobs = Arc::clone(&jobs);
        thread::Builder::new().spawn(move || work(&jobs))?;
    }
    Ok(queue)
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
    handler.setup(client)?;
    let handled = handler.handle(client);
    let finished = handler.finish(client); // also after an error
    handled.and(finished)
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
