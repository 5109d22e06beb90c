//! Sets the option on the wrong socket.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{Domain, Socket, Type};

fn main() {
    let address: SocketAddr = std::env::args().nth(1).unwrap().parse().unwrap();
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    listener.bind(&address.into()).unwrap();
    listener.listen(128).unwrap();
    loop {
        let (mut client, _) = listener.accept().unwrap();
        client.set_reuse_address(true).unwrap();
        client.write_all(b"Hello, client!\n").ok();
    }
}
