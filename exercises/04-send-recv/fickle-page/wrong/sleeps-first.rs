//! Gives the server some time, and then takes one recv for all.

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
    std::thread::sleep(std::time::Duration::from_millis(100));
    let mut all = vec![0; 65536];
    let count = server.read(&mut all)?;
    all.truncate(count);
    let end = all.windows(4).position(|four| four == b"\r\n\r\n");
    let end = end.ok_or(std::io::ErrorKind::UnexpectedEof)?;
    std::io::stdout().write_all(&all[end + 4..])
}
