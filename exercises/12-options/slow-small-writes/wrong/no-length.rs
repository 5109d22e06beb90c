//! One write, because the length is left out.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming() {
        let client = client.unwrap();
        thread::spawn(move || serve(&client));
    }
}

fn serve(mut client: &TcpStream) -> io::Result<()> {
    for line in BufReader::new(client).split(b'\n') {
        let body = line?.to_ascii_uppercase();
        client.write_all(&body)?;
    }
    Ok(())
}
