//! Sets SO_REUSEPORT, which lets a second copy take the port, too.

use std::io::Write;
use std::net::SocketAddr;

use socket2::{Domain, Socket, Type};

fn main() {
    let address: SocketAddr = std::env::args().nth(1).unwrap().parse().unwrap();
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    listener.set_reuse_address(true).unwrap();
    listener.set_reuse_port(true).unwrap();
    listener.bind(&address.into()).unwrap();
    listener.listen(128).unwrap();
    loop {
        let (mut client, _) = listener.accept().unwrap();
        client.write_all(b"Hello, client!\n").ok();
    }
}
