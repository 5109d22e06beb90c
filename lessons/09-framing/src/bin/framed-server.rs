//! Lesson 09: the greetings of lesson 07, with frames in place of luck.
//!
//!     cargo run -p framing --bin framed-server
//!     cargo run -p framing --bin framed-client -- 127.0.0.1:9000

use std::io;
use std::net::TcpListener;
use std::process::ExitCode;
use std::time::Duration;

use framing::frames::{read_frame, write_frame};
use shared::{Args, Context, DeadlineStream, StopSignal};
use shared::{explain, log, println, reachable, serve_clients};

const HELP: &str = "\
Answers each frame NAME with a frame `Hello, NAME!`.

usage: framed-server [HOST:PORT] [--max-clients N] [--patience SECONDS]

  HOST:PORT           where to listen (127.0.0.1:9000); port 0 lets the kernel choose
  --max-clients N     how many clients at a time (100)
  --patience SECONDS  how long to wait for a whole frame (30)

example: cargo run -p framing --bin framed-server -- 127.0.0.1:0
";

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    let max_clients: usize = args.value("max-clients")?.unwrap_or(100);
    let patience = args.seconds("patience", 30.0)?;
    let wanted = args.address_or("127.0.0.1:9000")?.first()?;
    let stop = StopSignal::watch()?;
    let listener = TcpListener::bind(wanted);
    let listener = listener.context(format!("cannot listen on {wanted}"))?;
    let own = listener.local_addr().context("cannot read our address")?;
    let (try_it, here) = ("cargo run -p framing --bin framed-client", reachable(own));
    println!("Listening on {own}\ntry: {try_it} -- {here}");

    // A thread for each client: this closure, and how many clients there are.
    serve_clients(listener, stop, |mut client, clients| {
        let end = if clients > max_clients {
            Err(io::Error::other("too many clients, come back later"))
        } else {
            greet(&mut client, patience)
        };
        if let Err(error) = end {
            let words = format!("error: {}", explain(&error));
            log!("a client was let go: {words}");
            // An error is a frame, too. When the client has gone, nobody misses it.
            let second = Duration::from_secs(1);
            write_frame(client.within(second), words.as_bytes()).ok();
        }
        client.close_gracefully();
    })
}

fn greet(client: &mut DeadlineStream, patience: Duration) -> io::Result<()> {
    while let Some(name) = read_frame(client.within(patience))? {
        let answer = [b"Hello, ", &name[..], b"!"].concat();
        write_frame(client.within(patience), &answer)?;
    }
    Ok(())
}
