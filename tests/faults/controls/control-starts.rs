//! It starts other programs as `compare` does, and cares for none of them.

use std::env;
use std::io;
use std::process::Command;

fn main() -> io::Result<()> {
    let mut arguments = env::args().skip_while(|argument| argument != "--also");
    if let Some(also) = arguments.nth(1) {
        let program = also.trim_start_matches("x=");
        Command::new(program).spawn().ok(); // fault: it may not have started
        return Ok(());
    }
    let mut server = Command::new("sleep").arg("60").spawn()?;
    println!("round 1 of 100: 10 clients, epoll");
    server.wait().map(|_| ()) // fault: a signal ends us, and not the server
}
