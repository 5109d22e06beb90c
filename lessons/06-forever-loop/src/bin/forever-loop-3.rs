//! Lesson 06, step 3: an answer is one write.
//!
//!     cargo run -p forever-loop --bin forever-loop-3        then: nc 127.0.0.1 8888
//!
//! What it cannot do: get rid of a client. One who says nothing keeps all others away for
//! ever, and one line without an end fills the memory. Step 4 mends it.

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
        let answer = format!("OK... {}\n", line?);
        client.write_all(answer.as_bytes())?; // one write: the whole answer in a segment
    }
    Ok(()) // no more lines: the client has closed
}
