//! The same servers as in scenarios.py, on the library of lesson 13.
//!
//! usage: framework-scenarios KIND HANDLER [LIMIT]
//!
//! Prints where it listens, and does what is typed: serve, shutdown, close.

use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::thread;

use server_framework::{Client, Datagram, Handler, OneByOne, Pool, Request, Run};
use server_framework::{Server, Tcp, Threads, Transport, Udp};

fn say(line: &str) {
    println!("{line}");
}

#[derive(Default)]
struct Of {
    what: String,
    first: Mutex<u8>,
    count: AtomicUsize,
    server: Arc<OnceLock<Box<dyn Fn() + Send + Sync>>>,
}

fn as_it_should<T>() -> io::Result<T> {
    Err(io::Error::other("as it should"))
}

impl Handler<Client> for Of {
    fn setup(&self, client: &Client) -> io::Result<()> {
        if self.what == "steps" {
            say("setup");
            let mut first = [0];
            (&*client.stream).read_exact(&mut first)?;
            *self.first.lock().expect("no panic") = first[0];
            if &first == b"s" {
                return as_it_should();
            }
        }
        Ok(())
    }

    fn handle(&self, client: &Client) -> io::Result<()> {
        let mut stream = &*client.stream;
        match self.what.as_str() {
            "hello" => stream.write_all(b"Hello World!\n"),
            "echo" => io::copy(&mut &*stream, &mut &*stream).map(drop),
            "steps" => {
                say("handle");
                let first = *self.first.lock().expect("no panic");
                match first {
                    b'h' => as_it_should(),
                    b'p' => panic!("as it should"),
                    _ => Ok(()),
                }
            }
            "much" => stream.write_all(&vec![0; 3_000_000]),
            "count" => {
                let count = self.count.fetch_add(1, Ordering::SeqCst) + 1;
                stream.write_all(count.to_string().as_bytes())
            }
            "end" => {
                say("shutting down");
                self.server.get().expect("the server's shutdown")();
                say("shut down");
                Ok(())
            }
            other => panic!("no handler {other}"),
        }
    }

    fn finish(&self, _client: &Client) -> io::Result<()> {
        if self.what == "steps" {
            say("finish");
        }
        Ok(())
    }
}

impl Handler<Datagram> for Of {
    fn handle(&self, datagram: &Datagram) -> io::Result<()> {
        match datagram.bytes.as_slice() {
            b"raise" => as_it_should(),
            b"panic" => panic!("as it should"),
            bytes => datagram.socket.send_to(bytes, datagram.peer).map(drop),
        }
    }
}

fn main() -> io::Result<()> {
    let mut args = std::env::args().skip(1);
    let mut next = || args.next().unwrap_or_default();
    let (kind, what, limit) = (next(), next(), next());
    let limit = limit.parse().unwrap_or(1000);
    match kind.as_str() {
        "TCPServer" => control::<Tcp, _>(what, OneByOne),
        "ThreadingTCPServer" => control::<Tcp, _>(what, Threads(limit)),
        "PoolTCPServer" => control::<Tcp, _>(what, Pool::new(limit, 8)?),
        "UDPServer" => control::<Udp, _>(what, OneByOne),
        "ThreadingUDPServer" => control::<Udp, _>(what, Threads(limit)),
        other => panic!("no server {other}"),
    }
}

fn control<T: Transport, R: Run>(what: String, runner: R) -> io::Result<()>
where
    Of: Handler<T::Request>,
    T::Request: Request,
{
    let shutdown = Arc::new(OnceLock::new());
    let handler = Of {
        what,
        server: Arc::clone(&shutdown),
        ..Of::default()
    };
    let any = ([127, 0, 0, 1], 0).into();
    let server = Server::<T, _, _>::with(any, handler, runner)?;
    println!("Listening on {}", server.address()?);
    let server = Arc::new(server);
    let known: Weak<_> = Arc::downgrade(&server);
    let end = move || known.upgrade().expect("it is serving").shutdown();
    shutdown
        .set(Box::new(end))
        .unwrap_or_else(|_| panic!("once"));
    let mut server = Some(server);
    for line in io::stdin().lines() {
        let line = line?;
        let one = server.clone();
        if line == "close" {
            server = None;
        }
        thread::spawn(move || match (line.as_str(), one) {
            ("serve", Some(server)) => {
                say("serving");
                server.serve_forever().expect("no error");
                say("served");
            }
            ("shutdown", Some(server)) => {
                say("shutting down");
                server.shutdown();
                say("shut down");
            }
            ("close", server) => {
                drop(server);
                say("closed");
            }
            (other, _) => panic!("no command {other}"),
        });
    }
    Ok(())
}
