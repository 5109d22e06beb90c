//! A BufWriter that is flushed behind each piece.

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

fn serve(client: &TcpStream) -> io::Result<()> {
    let mut writer = io::BufWriter::new(client);
    for line in BufReader::new(client).split(b'\n') {
        let body = line?.to_ascii_uppercase();
        let head = format!("{}\n", body.len());
        writer.write_all(head.as_bytes())?;
        writer.flush()?;
        writer.write_all(&body)?;
        writer.flush()?;
    }
    Ok(())
}
