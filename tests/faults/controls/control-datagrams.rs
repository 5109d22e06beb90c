//! A server for datagrams that believes in a short buffer, text, an end, and no errors.

use std::io::{self, Write};
use std::net::UdpSocket;

fn main() -> io::Result<()> {
    let default = "0.0.0.0:9000".to_string(); // fault: all networks
    let socket = UdpSocket::bind(std::env::args().nth(1).unwrap_or(default))?;
    writeln!(io::stdout(), "Listening on {}", socket.local_addr()?).ok(); // fault: who knows?
    let mut buffer = [0; 512]; // fault: there are longer ones
    loop {
        let (count, client) = socket.recv_from(&mut buffer)?; // fault: of one client
        let text = str::from_utf8(&buffer[..count]).expect("text"); // fault: bytes
        println!("{client} sent {count} bytes: {text}"); // fault: nobody may read it
        if count == 0 {
            return Ok(()); // fault: it is no end
        }
        socket.send_to(&buffer[..count].to_ascii_uppercase(), client)?;
    }
}
