//! One write, of a text that the question need not be.

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
        let body = String::from_utf8_lossy(&body).into_owned();
        client.write_all(format!("{}\n{body}", body.len()).as_bytes())?;
    }
    Ok(())
}
