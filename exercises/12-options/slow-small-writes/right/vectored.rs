//! Two slices, one system call, and the rest where it took less.

use std::io::{self, BufRead, BufReader, IoSlice, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() -> io::Result<()> {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap_or_default())?;
    for client in listener.incoming().flatten() {
        thread::spawn(move || serve(&client).ok());
    }
    Ok(())
}

fn serve(mut client: &TcpStream) -> io::Result<()> {
    for line in BufReader::new(client).split(b'\n') {
        let body = line?.to_ascii_uppercase();
        let head = format!("{}\n", body.len()).into_bytes();
        let sent = client.write_vectored(&[IoSlice::new(&head), IoSlice::new(&body)])?;
        client.write_all(&[head, body].concat()[sent..])?;
    }
    Ok(())
}
