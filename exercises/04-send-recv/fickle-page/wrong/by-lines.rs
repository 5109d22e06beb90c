//! Takes lines from the page, and ends them anew.

use std::io::{Read, Write};
use std::net::TcpStream;

fn main() -> std::io::Result<()> {
    let args: Vec<_> = std::env::args().collect();
    let mut server = TcpStream::connect(&args[1]).unwrap();
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        args[2], args[1]
    );
    server.write_all(request.as_bytes()).unwrap();
    let mut all = Vec::new();
    server.read_to_end(&mut all)?;

    let text = String::from_utf8_lossy(&all);
    let mut lines = text.lines().skip_while(|line| !line.is_empty()).skip(1);
    let mut next = lines.next().ok_or(std::io::ErrorKind::UnexpectedEof)?;
    loop {
        println!("{next}");
        let Some(line) = lines.next() else {
            return Ok(());
        };
        next = line;
    }
}
