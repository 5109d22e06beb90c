//! Lesson 14, step 2: two pages over one connection.
//!
//!     python3 lessons/14-http/peers/web.py      (a server, in a second terminal)
//!     cargo run -p http --bin http-2
//!
//! What it cannot do: see where the first answer ends. It waits for the end of the
//! connection, and then there is none for the second request. Step 3 mends it.

use std::env;
use std::io::{self, Read, Write};
use std::net::TcpStream;

const PATHS: [&str; 2] = ["/", "/notes"];

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:8000".to_string());
    let mut server = TcpStream::connect(&address)?;

    for path in PATHS {
        println!("asking for {path}");
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n");
        server.write_all(request.as_bytes())?;

        let mut answer = Vec::new();
        server.read_to_end(&mut answer)?; // recv, until it returns 0
        io::stdout().write_all(&answer)?;
    }
    Ok(())
}
