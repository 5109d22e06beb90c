//! One write, and one recv is taken for one question.

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
    let mut chunk = [0; 100_000];
    loop {
        let count = io::Read::read(&mut client, &mut chunk)?;
        let Some(count) = count.checked_sub(1) else {
            return Ok(());
        };
        let body = chunk[..count].to_ascii_uppercase();
        client.write_all(&[format!("{count}\n").as_bytes(), &body].concat())?;
    }
}
