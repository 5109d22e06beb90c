//! Lesson 09: runs programs for clients that know the token of this run.
//!
//!     cargo run -p framing --bin remote-server
//!     REMOTE_TOKEN=... cargo run -p framing --bin remote-client -- 127.0.0.1:9000

use std::env;
use std::io;
use std::net::TcpListener;
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use framing::child::{ChildOutput, Output};
use framing::frames::{read_frame, write_frame};
use shared::{Args, Context, DeadlineStream, Error, StopSignal};
use shared::{explain, log, println, reachable, serve_clients};
use subtle::ConstantTimeEq;

const HELP: &str = "\
Runs programs for clients that know the token, with no shell in between.

usage: remote-server [HOST:PORT] [option]...
  HOST:PORT             where to listen (127.0.0.1:9000)
  --allow NAME          a program, with any arguments; repeatable
                        (echo, id, ls, pwd, uname, whoami)
  --time-limit SECONDS  for one command (10)
  --patience SECONDS    with a silent client (600)
  --max-clients N       at a time (16)
  --listen-public       HOST may be an address that other machines can reach

example: cargo run -p framing --bin remote-server -- --allow uname --allow uptime
";

/// None of them changes anything, or prints a file.
const HARMLESS: [&str; 6] = ["echo", "id", "ls", "pwd", "uname", "whoami"];
/// At most so many clients at a time have not shown the token yet.
const STRANGERS: usize = 200;
const MOST_OUTPUT: usize = 256 << 20; // 256 MiB

struct Rules {
    allowed: Vec<String>,
    token: String,
    time_limit: Duration,
    patience: Duration,
    max_clients: usize,
    /// How many have shown the token, and are there.
    seats_taken: AtomicUsize,
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
    let mut random = [0; 16]; // 128 bits: nobody guesses that
    let made = getrandom::fill(&mut random).map_err(io::Error::other);
    made.context("cannot make a token")?;
    let rules = Rules {
        allowed: allowed(&args)?,
        token: format!("{:032x}", u128::from_ne_bytes(random)),
        time_limit: args.seconds("time-limit", 10.0)?,
        patience: args.seconds("patience", 600.0)?,
        max_clients: args.value("max-clients")?.unwrap_or(16),
        seats_taken: AtomicUsize::new(0),
    };
    let stop = StopSignal::watch()?;
    let listener = TcpListener::bind(wanted);
    let listener = listener.context(format!("cannot listen on {wanted}"))?;
    let own = listener.local_addr().context("cannot read our address")?;
    let (token, program) = (&rules.token, "cargo run -p framing --bin remote-client --");
    println!("Listening on {own}\ntoken: {token}");
    println!("try: REMOTE_TOKEN={token} {program} {}", reachable(own));
    serve_clients(listener, stop, |mut client, clients| {
        if let Err(error) = let_in(&mut client, clients, &rules) {
            let words = explain(&error).to_string();
            log!("{client} is let go: {words}");
            reply(&mut client, b'!', words.as_bytes()).ok(); // it may have gone
        }
        client.close_gracefully();
    })
}

/// The programs of --allow, each by its name alone.
fn allowed(args: &Args) -> shared::Result<Vec<String>> {
    let mut allowed = Vec::new();
    for name in args.values("allow") {
        if name.is_empty() || name.contains(|letter: char| letter.is_whitespace()) {
            let words = format!("`{name}` does not fit --allow: it takes one program");
            return Err(Error::usage(words).hint(
                "it may have any arguments then; for two programs, write --allow twice",
            ));
        }
        allowed.push(name.to_string());
    }
    if allowed.is_empty() {
        allowed = HARMLESS.map(String::from).to_vec();
    }
    Ok(allowed)
}

/// Only for who knows the token.
fn let_in(client: &mut DeadlineStream, clients: usize, rules: &Rules) -> io::Result<()> {
    let full = || io::Error::other("too many clients, come back later");
    if clients > rules.max_clients + STRANGERS {
        return Err(full());
    }
    let token = read_frame(client.within(Duration::from_secs(2)))?.unwrap_or_default();
    // `==` may stop at the first difference, and then its time tells how far that is.
    if !bool::from(token.ct_eq(rules.token.as_bytes())) {
        thread::sleep(Duration::from_millis(500)); // few guesses a second
        return Err(io::Error::other("wrong token"));
    }
    let seats_before = rules.seats_taken.fetch_add(1, SeqCst);
    let end = if seats_before < rules.max_clients {
        obey(client, rules)
    } else {
        Err(full())
    };
    rules.seats_taken.fetch_sub(1, SeqCst); // on every way out
    end
}

fn obey(client: &mut DeadlineStream, rules: &Rules) -> io::Result<()> {
    let names = rules.allowed.join(" ");
    reply(client, b'w', names.as_bytes())?;
    while let Some(line) = read_frame(client.within(rules.patience))? {
        // Split at spaces, quotes respected, and no more: `;` `|` `$` are letters here.
        let words = str::from_utf8(&line).ok().and_then(shlex::split);
        let words = words.unwrap_or_default();
        match words.split_first() {
            Some((name, rest)) if rules.allowed.contains(name) => {
                log!("{client} runs {name} {rest:?}");
                run_command(Command::new(name).args(rest), client, rules)?;
            }
            _ => reply(client, b'!', format!("only allowed: {names}").as_bytes())?,
        }
    }
    Ok(())
}

fn run_command(
    command: &mut Command,
    client: &mut DeadlineStream,
    rules: &Rules,
) -> io::Result<()> {
    command.env_clear(); // our own environment may hold secrets
    for name in ["PATH", "LANG", "LC_ALL", "TZ", "SystemRoot"] {
        if let Some(value) = env::var_os(name) {
            command.env(name, value);
        }
    }
    let mut program = match ChildOutput::new(command) {
        Ok(program) => program,
        Err(error) => {
            let words = format!("not run: {}", explain(&error));
            return reply(client, b'!', words.as_bytes());
        }
    };
    let (start, mut output) = (Instant::now(), 0);
    while start.elapsed() < rules.time_limit && output < MOST_OUTPUT {
        let (tag, data) = match program.next(Duration::from_millis(200))? {
            Output::Stdout(data) => (b'o', data),
            Output::Stderr(data) => (b'e', data),
            // An empty frame: if the client has vanished, the kernel says so at the next.
            Output::Silence => (b'o', Vec::new()),
            Output::End(code) => return reply(client, b'x', code.to_string().as_bytes()),
        };
        output += data.len();
        reply(client, tag, &data)?;
    }
    drop(program); // this kills it; at each `?` above, the end of its scope does
    reply(client, b'!', b"killed: it took too long, or said too much")
}

/// One frame: the tag, the data.
fn reply(client: &mut DeadlineStream, tag: u8, data: &[u8]) -> io::Result<()> {
    let patience = Duration::from_secs(10);
    write_frame(client.within(patience), &[&[tag], data].concat())
}
