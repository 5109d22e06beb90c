//! An echo of lines as in the classic tutorials: one client's trouble ends it.

use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpListener;

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:0".to_string());
    let listener = TcpListener::bind(address)?;
    println!("Listening on {}", listener.local_addr()?);
    loop {
        let (mut client, _) = listener.accept()?;
        println!("{} is served", client.peer_addr()?); // fault: it may be gone
        for line in BufReader::new(client.try_clone()?).lines() {
            writeln!(client, "OK... {}", line?)?; // fault: of one client, and ends the loop
        }
    }
}
