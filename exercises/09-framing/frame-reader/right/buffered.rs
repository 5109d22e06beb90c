//! One BufReader and one BufWriter for the whole connection, a thread for each.

use std::io::{self, BufReader, BufWriter, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming().flatten() {
        thread::spawn(move || serve(&client).ok());
    }
}

fn serve(client: &TcpStream) -> io::Result<()> {
    let (mut from, mut to) = (BufReader::new(client), BufWriter::new(client));
    loop {
        let mut head = [0; 4];
        from.read_exact(&mut head)?;
        let length = u32::from_be_bytes(head);
        if length > 65_536 {
            return Ok(());
        }
        let mut message = Vec::new();
        (&mut from).take(length.into()).read_to_end(&mut message)?;
        if message.len() < length as usize {
            return Ok(());
        }
        message.reverse();
        to.write_all(&head)?;
        to.write_all(&message)?;
        to.flush()?;
    }
}
