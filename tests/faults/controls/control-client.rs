//! A client that prints what each read returns, and believes all of it.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).expect("HOST:PORT");
    let mut stream = TcpStream::connect(address)?; // fault: no word of its own
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let mut buffer = [0; 1024];
    for line in ["Michael\n", "Tracy\n", "Sarah\n", "exit\n"] {
        let count = stream.read(&mut buffer)?; // fault: EINTR, for a minute, and in pieces
        io::stdout().write_all(&buffer[..count])?; // fault: whatever it is
        stream.write_all(line.as_bytes())?;
    }
    stream.read(&mut buffer).map(|_| ()) // fault: it need not be the end
}
