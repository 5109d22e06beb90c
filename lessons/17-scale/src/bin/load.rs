//! Lesson 17: many clients in one thread, who measure an echo server.
//!
//!     cargo run -p scale --release --bin load -- 127.0.0.1:7777 --connections 100

use std::ops::RangeInclusive;
use std::process::ExitCode;
use std::time::Duration;

use shared::{Args, Context, Error, exit_on_ctrl_c, practice, println};

use crate::clients::Clients;

#[path = "load/client.rs"]
mod client;
#[path = "load/clients.rs"]
mod clients;
#[path = "../descriptors.rs"]
mod descriptors;
#[path = "load/loops.rs"]
mod loops;

const HELP: &str = "\
Many clients at once measure an echo server on this machine, for a short time.

usage: load [HOST:PORT] [--connections N] [--idle N] [--size BYTES]
            [--seconds S] [--rate MESSAGES] [--csv]

  HOST:PORT        an echo server; without it, one inside this program
  --connections N  so many clients talk (10)
  --idle N         so many more say one thing, and then are silent (0)
  --size BYTES     of a message (64)
  --seconds S      how long, 60 at most (1)
  --rate MESSAGES  open loop: so many a second in all, on time, whatever comes back;
                   without it, closed loop: each client waits for its answer
  --csv            for programs that read the result

example: cargo run -p scale --release --bin load -- 127.0.0.1:7777 --rate 10000
";

const MOST: usize = 20_000; // clients: a port each, and Linux has 28,232 of them

fn main() -> ExitCode {
    shared::run(HELP, run)
}

fn run(args: Args) -> shared::Result<()> {
    exit_on_ctrl_c()?;
    let busy = within(&args, "connections", 10, 0..=MOST)?;
    let all = busy + within(&args, "idle", 0, 0..=MOST - busy)?;
    let size = within(&args, "size", 64, 1..=1_000_000)?;
    let rate = within(&args, "rate", 0, 0..=1_000_000)?;
    let time = args.seconds("seconds", 1.0)?.min(Duration::from_secs(60));
    let limit = descriptors::limit(); // a client is a descriptor; some are for others
    if all as u64 + 16 > limit {
        let error = Error::new(format!("{all} clients need {} descriptors", all + 16));
        return Err(
            error.hint(format!("this system gives a program {limit}: take fewer"))
        );
    }
    let server = args.address_or_practice(practice::echo)?.first()?;
    if !server.ip().is_loopback() {
        let error = Error::usage(format!("{server} is not on this machine"));
        return Err(error.hint("a load test hits whoever it is aimed at: use 127.0.0.1"));
    }
    let csv = args.flag("csv");
    let mut clients = Clients::new(size).context("cannot begin")?;
    let connected = clients.connect(server, all);
    let connected = connected.context(format!("cannot connect to {server}"))?;
    report_clients(&clients, connected, csv);
    if rate == 0 || busy == 0 {
        clients.in_turn(busy, time).context("cannot measure")?;
    } else {
        clients
            .on_time(busy, rate as u32, time)
            .context("cannot measure")?;
    }
    report(&clients, time, rate, csv);
    let lost = all - clients.count(|_| true);
    let all_here = clients.lost.map_or(Ok(()), Err);
    all_here.context(format!("{} of {all} connections were lost", lost))
}

fn report_clients(clients: &Clients, took: Duration, csv: bool) {
    let connected = clients.count(|client| client.connected);
    let (served, seconds) = (clients.count(|client| client.served), took.as_secs_f64());
    if csv {
        println!("{connected},{served},{seconds:.3}");
    } else {
        println!("{connected} clients have connected, the last after {seconds:.3} s");
        println!("served: {served}");
    }
}

fn report(clients: &Clients, time: Duration, rate: usize, csv: bool) {
    let (all, unanswered) = (clients.latency.len(), clients.unanswered);
    let per_second = (all - unanswered) as f64 / time.as_secs_f64();
    let of = [0.5, 0.99, 0.999, 1.0].map(|part| clients.latency.value_at_quantile(part));
    if csv {
        let [half, most, nearly_all, longest] = of;
        println!("{per_second:.0},{unanswered},{half},{most},{nearly_all},{longest}");
        return;
    }
    println!(
        "{} answers in {time:?}: {per_second:.0} per second",
        all - unanswered
    );
    let from = if rate == 0 { "sent" } else { "due" };
    let [half, most, nearly_all, longest] = of.map(|us| us as f64 / 1000.0);
    println!("from when a message was {from} to its answer, in milliseconds:");
    println!("  50 %: {half}   99 %: {most}   99.9 %: {nearly_all}   all: {longest}");
    if rate > 0 {
        println!("{unanswered} messages had no answer at the end; they count, too");
    }
}

fn within(
    args: &Args,
    name: &str,
    default: usize,
    range: RangeInclusive<usize>,
) -> shared::Result<usize> {
    match args.value(name)?.unwrap_or(default) {
        value if range.contains(&value) => Ok(value),
        value => {
            let (least, most) = (range.start(), range.end());
            let error = Error::usage(format!("`{value}` does not fit --{name}"));
            Err(error.hint(format!("write a number from {least} to {most}")))
        }
    }
}
