//! Tries again, but not for as long as it takes.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{Domain, Socket, Type};

fn main() {
    let address: SocketAddr = std::env::args().nth(1).unwrap().parse().unwrap();
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    for _ in 0..20 {
        if listener.bind(&address.into()).is_ok() {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    listener.listen(128).unwrap();
    loop {
        let (mut client, _) = listener.accept().unwrap();
        client.write_all(b"Hello, client!\n").ok();
    }
}
