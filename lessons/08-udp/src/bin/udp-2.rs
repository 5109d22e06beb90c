//! Lesson 08, step 2: room for every datagram, and one lost answer is no reason to end.
//!
//!     cargo run -p udp --bin udp-2        then: nc -u 127.0.0.1 9000
//!
//! What it cannot do: be used by somebody who does not read its source: no options, no
//! help, no words for its errors. The last step, `udp`, has them.

use std::env;
use std::io;
use std::net::UdpSocket;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:9000".to_string());
    let socket = UdpSocket::bind(address)?; // socket, with the type SOCK_DGRAM, and bind
    println!("Listening on {}", socket.local_addr()?);

    let mut buffer = vec![0; 65_535]; // UDP's length field has 16 bits: nothing is longer
    loop {
        let (length, sender) = socket.recv_from(&mut buffer)?; // one call, one datagram
        println!("{sender} sent {length} bytes");
        let datagram = &mut buffer[..length];
        datagram.make_ascii_uppercase();
        if let Err(error) = socket.send_to(datagram, sender) {
            // One answer is lost, as it can be lost on the way. The others get theirs.
            println!("cannot answer {sender}: {error}");
        }
    }
}
