//! Lesson 06, step 2: one client's error is the end of that client only.
//!
//!     cargo run -p forever-loop --bin forever-loop-2        then: nc 127.0.0.1 8888
//!
//! What it cannot do: answer quickly. Each answer takes 40 ms, and nothing in here waits.
//! Step 3 mends it.

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:8888".to_string());
    let listener = TcpListener::bind(address)?; // socket, bind and listen of lesson 05
    println!("Listening on {}", listener.local_addr()?);

    loop {
        match listener.accept() {
            Ok((client, peer)) => {
                println!("{peer} is served");
                match serve(client) {
                    Ok(()) => println!("{peer} has left"),
                    Err(error) => println!("{peer} is lost: {error}"),
                }
            }
            // It was about one client that is not there. (When the program has no
            // descriptor left, this loop spins: lesson 07.)
            Err(error) => println!("cannot accept: {error}"),
        }
    }
}

fn serve(mut client: TcpStream) -> io::Result<()> {
    let lines = BufReader::new(client.try_clone()?).lines();
    for line in lines {
        writeln!(client, "OK... {}", line?)?;
    }
    Ok(()) // no more lines: the client has closed
}
