//! Lesson 13, step 4: the handler is a trait: setup, handle, and finish in any case.
//!
//!     cargo run -p server-framework --bin server-framework-4   then: nc 127.0.0.1 2525
//!
//! What it cannot do: say how many threads are enough. Each client costs one, also a
//! silent one. Step 5 tries to mend it.

use std::env;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

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
    loop {
        let (client, peer) = listener.accept()?;
        let handler = Arc::clone(&handler);
        let job = move || {
            if let Err(error) = process(&*handler, &client) {
                println!("{peer} is lost: {error}");
            }
        };
        thread::Builder::new().spawn(job)?;
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
