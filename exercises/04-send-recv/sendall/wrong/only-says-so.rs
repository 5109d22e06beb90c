//! Says that all is sent, and sends nothing.

use std::io;
use std::net::TcpStream;

fn main() -> io::Result<()> {
    let args: Vec<_> = std::env::args().collect();
    TcpStream::connect(&args[1])?;
    println!("{} bytes sent", args[2]);
    Ok(())
}
