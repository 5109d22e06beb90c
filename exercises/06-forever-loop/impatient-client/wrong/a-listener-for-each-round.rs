//! Starts anew after an error: with a new listener, and an empty queue.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

fn main() {
    loop {
        run().ok();
    }
}

fn run() -> std::io::Result<()> {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap())?;
    for client in listener.incoming() {
        let client = client?;
        println!("{} is served", client.peer_addr()?);
        serve(client).ok();
    }
    Ok(())
}

fn serve(mut client: TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        client.write_all(&[b"OK... ", &line[..]].concat())?;
        line.clear();
    }
    Ok(())
}
