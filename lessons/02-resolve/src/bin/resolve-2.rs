//! Lesson 02, step 2: getaddrinfo, as C calls it.
//!
//!     cargo run -p resolve --bin resolve-2 -- localhost:http
//!
//! What it cannot do: say what kind of answer it wants. Step 3 does.

use std::env;
use std::io;

use dns_lookup::getaddrinfo;

fn main() -> io::Result<()> {
    let question = env::args().nth(1).unwrap_or("localhost:http".to_string());
    let (name, service) = question.split_once(':').unwrap_or((&question, "0"));
    for found in getaddrinfo(Some(name), Some(service), None)? {
        println!("{}", found?.sockaddr);
    }
    Ok(())
}
