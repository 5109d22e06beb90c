//! One write for each answer, and one client after the other.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming() {
        let client = client.unwrap();
        if let Err(error) = serve(&client) {
            println!("a client is lost: {error}");
        }
    }
}

fn serve(mut client: &TcpStream) -> io::Result<()> {
    for line in BufReader::new(client).split(b'\n') {
        let body = line?.to_ascii_uppercase();
        let head = format!("{}\n", body.len()).into_bytes();
        client.write_all(&[head, body].concat())?;
    }
    Ok(())
}
