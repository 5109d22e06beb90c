//! One write for a short answer; a long one still leaves in two.

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
        let head = format!("{}\n", body.len()).into_bytes();
        if body.len() > 64 {
            client.write_all(&head)?;
            client.write_all(&body)?;
        } else {
            client.write_all(&[head, body].concat())?;
        }
    }
    Ok(())
}
