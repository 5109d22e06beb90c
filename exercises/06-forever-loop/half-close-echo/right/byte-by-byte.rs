//! One byte at a time, with socket2's own calls.

use std::io::{Read, Write};
use std::net::SocketAddr;

use socket2::{Domain, Socket, Type};

fn main() {
    let address: SocketAddr = std::env::args().nth(1).unwrap().parse().unwrap();
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    listener.set_reuse_address(true).unwrap();
    listener.bind(&address.into()).unwrap();
    listener.listen(10).unwrap();
    loop {
        let Ok((mut client, _)) = listener.accept() else { continue };
        let mut byte = [0];
        while let Ok(1) = client.read(&mut byte) {
            if client.write(&byte).is_err() {
                break;
            }
        }
    }
}
