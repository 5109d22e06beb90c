//! Reads lines.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming() {
        serve(client.unwrap()).ok();
    }
}

fn serve(mut client: TcpStream) -> io::Result<()> {
    loop {
        let mut line = Vec::new();
        io::BufRead::read_until(&mut io::BufReader::new(&client), b'\n', &mut line)?;
        line.reverse();
        client.write_all(&line)?;
    }
}
