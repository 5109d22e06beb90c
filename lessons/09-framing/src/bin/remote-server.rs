// ANCHOR: all
//! Lesson 09: runs programs for clients that know the token of this run.
//!
//!     cargo run -p framing --bin remote-server
//!     REMOTE_TOKEN=... cargo run -p framing --bin remote-client -- 127.0.0.1:9000

use std::io::{self, Read, Write};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use framing::child::{ChildOutput, Output};
use shared::{Args, Context, DeadlineStream, Error, StopSignal};
use shared::{explain, println, reachable};
use subtle::ConstantTimeEq;

const HELP: &str = "\
Runs programs for clients that know the token, with no shell in between.

usage: remote-server [HOST:PORT] [option]...
  HOST:PORT             where to listen (127.0.0.1:9000)
  --allow NAME          a program, repeatable (echo, id, ls, pwd, uname, whoami)
  --time-limit SECONDS  for one command (10)
  --patience SECONDS    with a silent client (600)
  --max-clients N       at a time (16)
  --listen-public       HOST may be an address that other machines can reach

example: cargo run -p framing --bin remote-server -- --allow date --allow uptime
";

struct Rules {
    allowed: String,
    token: String,
    time_limit: Duration,
    patience: Duration,
    max_clients: usize,
}

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    let wanted = args.address_or("127.0.0.1:9000")?.first()?;
    if !wanted.ip().is_loopback() && !args.flag("listen-public") {
        return Err(Error::usage(format!("other machines could reach {wanted}"))
            .hint("--listen-public, if you mean it: the token can be read on the way"));
    }
    let mut allowed = args.values("allow").collect::<Vec<_>>().join(" ");
    if allowed.is_empty() {
        allowed.push_str("echo id ls pwd uname whoami"); // none of them prints files
    }
    let mut random = [0; 16]; // 128 bits: nobody guesses that
    let made = getrandom::fill(&mut random).map_err(io::Error::other);
    made.context("cannot make a token")?;
    let rules = Rules {
        allowed,
        token: format!("{:032x}", u128::from_ne_bytes(random)),
        time_limit: args.seconds("time-limit", 10.0)?,
        patience: args.seconds("patience", 600.0)?,
        max_clients: args.value("max-clients")?.unwrap_or(16),
    };
    let stop = StopSignal::watch()?;
    let listener = std::net::TcpListener::bind(wanted); // sets SO_REUSEADDR on Unix
    let listener = listener.context(format!("cannot listen on {wanted}"))?;
    let own = listener.local_addr().context("cannot read our address")?;
    let (token, client) = (&rules.token, "cargo run -p framing --bin remote-client --");
    println!("Listening on {own}\ntoken: {token}");
    println!("try: REMOTE_TOKEN={token} {client} {}", reachable(own));
    shared::serve_clients(listener, stop, |mut peer, clients| {
        if let Err(error) = obey(&mut peer, clients, &rules) {
            println!("{peer} is let go: {}", explain(&error));
            reply(&mut peer, b'!', explain(&error).to_string()).ok(); // it may have gone
        }
        peer.close_gracefully();
    })
}

// ANCHOR: serve
fn obey(peer: &mut DeadlineStream, clients: usize, rules: &Rules) -> io::Result<()> {
    if clients > rules.max_clients {
        return Err(io::Error::other("too many clients, come back later"));
    }
    let token = read_frame(peer.within(Duration::from_secs(2)))?.unwrap_or_default();
    // `==` may stop at the first difference, and then its time tells how far that is.
    if !bool::from(token.ct_eq(rules.token.as_bytes())) {
        std::thread::sleep(Duration::from_millis(500)); // few guesses a second
        return Err(io::Error::other("wrong token"));
    }
    reply(peer, b'w', &rules.allowed)?;
    while let Some(line) = read_frame(peer.within(rules.patience))? {
        // Split at spaces, quotes respected, and no more: `;` `|` `$` are letters here.
        let words = str::from_utf8(&line).ok().and_then(shlex::split);
        match words.unwrap_or_default().split_first() {
            Some((name, rest)) if rules.allowed.split(' ').any(|word| word == name) => {
                println!("{peer} runs {name} {rest:?}");
                run_command(Command::new(name).args(rest), peer, rules)?;
            }
            _ => reply(peer, b'!', format!("only allowed: {}", rules.allowed))?,
        }
    }
    Ok(())
}

fn run_command(
    command: &mut Command,
    peer: &mut DeadlineStream,
    rules: &Rules,
) -> io::Result<()> {
    command.env_clear(); // our own environment may hold secrets
    for name in ["PATH", "LANG", "LC_ALL", "TZ", "SystemRoot"] {
        command.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    let mut program = match ChildOutput::new(command) {
        Ok(program) => program,
        Err(error) => return reply(peer, b'!', format!("not run: {}", explain(&error))),
    };
    let (start, mut output) = (Instant::now(), 0);
    while start.elapsed() < rules.time_limit && output < 256 << 20 {
        let (tag, data) = match program.next(Duration::from_millis(200))? {
            Output::Stdout(data) => (b'o', data),
            Output::Stderr(data) => (b'e', data),
            // An empty frame: if the client has vanished, the kernel says so at the next.
            Output::Silence => (b'o', Vec::new()),
            Output::End(code) => return reply(peer, b'x', code.to_string()),
        };
        output += data.len();
        reply(peer, tag, data)?;
    }
    drop(program); // this kills it; at each `?` above, the end of its scope does
    reply(peer, b'!', "killed: it took too long, or said too much")
}
// ANCHOR_END: serve

/// The next frame; none where the stream ends between two frames.
fn read_frame(peer: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut head = [0; 4];
    if peer.read(&mut head[..1])? == 0 {
        return Ok(None);
    }
    peer.read_exact(&mut head[1..])?;
    let length = u32::from_be_bytes(head) as usize;
    if length > 65_536 {
        return Err(io::Error::other(format!("{length} bytes: too long")));
    }
    let mut frame = vec![0; length];
    peer.read_exact(&mut frame).map(|()| Some(frame))
}

/// One frame: the length, the tag, the data.
fn reply(peer: &mut DeadlineStream, tag: u8, data: impl AsRef<[u8]>) -> io::Result<()> {
    let length = data.as_ref().len() as u32 + 1;
    let frame = [&length.to_be_bytes(), &[tag][..], data.as_ref()].concat();
    peer.within(Duration::from_secs(10)).write_all(&frame)
}
