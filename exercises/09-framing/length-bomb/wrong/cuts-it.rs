//! Takes as much as the limit allows, and calls it the message.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming() {
        thread::spawn(move || serve(&client.unwrap()));
    }
}

fn serve(mut client: &TcpStream) -> io::Result<()> {
    let mut head = [0; 4];
    while client.read_exact(&mut head).is_ok() {
        let length = u32::from_be_bytes(head) as usize;
        let length = length.min(65_536);
        let mut frame = vec![0; length];
        client.read_exact(&mut frame)?;
        say(client, &format!("{length} bytes"))?;
    }
    Ok(())
}

fn say(mut client: &TcpStream, words: &str) -> io::Result<()> {
    let length = (words.len() as u32).to_be_bytes();
    client.write_all(&[&length, words.as_bytes()].concat())
}
