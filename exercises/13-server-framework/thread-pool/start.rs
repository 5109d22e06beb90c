//! Exercise thread-pool (build): a server with a fixed number of workers.
//!
//! Your server has two arguments: the address to listen on, and the number of its workers,
//! such as 127.0.0.1:7013 4. A worker is a thread that serves one client at a time, to its
//! end, however slow that is: it answers each line, which ends with \n, with `OK... ` and
//! that line. A line is bytes: it may be long, or empty, and need be no text. (Half a line,
//! with which a client leaves, may be answered, or not.)
//!
//! So many clients as there are workers are served at the same time. Further ones are
//! connected, and wait. When a client leaves, its worker takes one that waits, at once, and
//! answers all that it has said meanwhile. Where nobody waits, it sleeps. However many
//! clients wait, there are no more threads: the workers, and at most three besides. A
//! client that resets its connection costs no worker.
//!
//! Only std: the pool is your own. Clients that wait can stand in a queue, which had
//! better have an end (std::sync::mpsc::sync_channel), or in the kernel.
//!
//! Check it:      cargo run -- check thread-pool
//! Try it:        cargo run -p mine --example thread-pool -- 127.0.0.1:7013 1
//!                then, in two other terminals: nc 127.0.0.1 7013

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

fn main() -> io::Result<()> {
    let mut args = std::env::args().skip(1);
    let address = args.next().unwrap_or("127.0.0.1:7013".into());
    let workers = args.next().and_then(|number| number.parse().ok());
    let listener = TcpListener::bind(&address)?;
    println!("Listening on {}", listener.local_addr()?);
    run(listener, workers.unwrap_or(4))
}

/// Starts the workers, and hands the clients over to them.
fn run(_listener: TcpListener, _workers: usize) -> io::Result<()> {
    todo!("start so many threads, each of which takes one client after the other")
}

/// Serves one client to its end.
#[expect(dead_code, reason = "take this line out when your workers call it")]
fn serve(mut client: TcpStream) -> io::Result<()> {
    let mut lines = BufReader::new(client.try_clone()?);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        client.write_all(&[b"OK... ", &line[..]].concat())?;
        line.clear();
    }
    Ok(())
}
