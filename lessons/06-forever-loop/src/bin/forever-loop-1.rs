//! Lesson 06, step 1: one client after another, for ever.
//!
//!     cargo run -p forever-loop --bin forever-loop-1        then: nc 127.0.0.1 8888
//!
//! What it cannot do: each `?` in the loop ends the server for everybody. One client that
//! breaks off is enough. Step 2 mends it.

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpListener;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:8888".to_string());
    let listener = TcpListener::bind(address)?; // socket, bind and listen of lesson 05
    println!("Listening on {}", listener.local_addr()?);

    loop {
        let (mut client, peer) = listener.accept()?; // sleeps until somebody comes
        println!("{peer} is served");
        let lines = BufReader::new(client.try_clone()?).lines();
        for line in lines {
            writeln!(client, "OK... {}", line?)?;
        }
        println!("{peer} has left"); // no more lines: the client has closed
    }
}
