//! Exercise udp-client-with-retries (build): ask again, and know the answer.
//!
//! Your client gets three arguments: the server's IPv4 address, such as 127.0.0.1:9000, a
//! text of 0 to 60,000 bytes, and how many milliseconds to wait. It sends the text as one
//! datagram, without a line end. The answer is a datagram from the server's address that
//! holds the text with its ASCII letters in upper case. Everything else that comes is no
//! answer: it is ignored, and makes no wait longer. Without an answer in time the client
//! sends the text again, 5 times in all. An answer to an earlier try is one, too.
//!
//! Where nobody has the port, the kernel may report `connection refused`. The lesson's
//! client stops there. Yours waits and asks on: the server may be there a moment later.
//!
//! With an answer it prints at once the answer and `\n` on standard output, nothing more
//! there, and its exit code is 0. The fifth wait is as long as the others. When it was in
//! vain, too, the client prints nothing but an error on standard error, and its exit code
//! is 1.
//!
//! Check it:      cargo run -- check udp-client-with-retries
//! Try it:        cargo run -p udp -- 127.0.0.1:9000
//!                then, in another terminal:
//!                cargo run -p mine --example udp-client-with-retries \
//!                    -- 127.0.0.1:9000 hello 300

use std::io;
use std::time::Duration;

/// How often the text is sent at most.
const TRIES: usize = 5;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [server, text, wait] = &arguments[..] else {
        return Err(io::Error::other("usage: HOST:PORT TEXT MILLISECONDS"));
    };
    let wait = Duration::from_millis(wait.parse().map_err(io::Error::other)?);
    // An error that main returns is printed on standard error; the exit code is 1.
    println!("{}", ask(server, text, wait)?);
    Ok(())
}

/// Sends the text up to `TRIES` times, and returns the answer.
fn ask(_server: &str, _text: &str, _wait: Duration) -> io::Result<String> {
    todo!(
        "send, wait for the answer until the time is up, and again, at most {TRIES} times"
    )
}
