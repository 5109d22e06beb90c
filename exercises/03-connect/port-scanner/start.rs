//! Exercise port-scanner (build): which ports of a machine are open?
//!
//! Your program gets an IP address, a first port and a last port, such as 127.0.0.1 8000
//! 8100. It prints the number of each open port of that range, first and last included,
//! one per line, the smallest first, and nothing else. A port is open when a TCP
//! connection to it succeeds; your program closes it again without saying a word. Each
//! port has 0.2 seconds to answer, no less and not much more: one that has not is not
//! open. There may be more ports than a program may have descriptors. The exit code is 0,
//! however many are open.
//!
//! Check it:      cargo run -- check port-scanner
//! Try it:        cargo run -p mine --example port-scanner -- 127.0.0.1 8000 8100
//!                while in another terminal: nc -l 127.0.0.1 8008
//!                Scan your own machine only.

use std::net::IpAddr;
use std::time::Duration;

/// How long a port may take to answer.
const TIMEOUT: Duration = Duration::from_millis(200);

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [host, first, last] = &args[..] else {
        println!("usage: port-scanner ADDRESS FIRST LAST");
        std::process::exit(2)
    };
    let host: IpAddr = host.parse().expect("an IP address");
    let first: u16 = first.parse().expect("a port");
    let last: u16 = last.parse().expect("a port");
    scan(host, first, last);
}

/// Prints the open ports.
fn scan(_host: IpAddr, _first: u16, _last: u16) {
    todo!("try to connect to each port, with a timeout of {TIMEOUT:?}")
}
