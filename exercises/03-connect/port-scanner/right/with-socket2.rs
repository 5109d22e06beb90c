//! socket2's calls; peer_addr says that it is connected, and the rest of the range goes on.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};

fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let host: IpAddr = args.next().unwrap().parse().unwrap();
    let mut ports = args.map(|port| port.parse::<u16>().unwrap());
    let (first, last) = (ports.next().unwrap(), ports.next().unwrap());
    let mut port = first;
    loop {
        let address = SocketAddr::new(host, port);
        let socket = Socket::new(
            Domain::for_address(address),
            Type::STREAM,
            Some(Protocol::TCP),
        )?;
        let tried = socket.connect_timeout(&address.into(), Duration::from_millis(200));
        if tried.is_ok() && socket.peer_addr().is_ok() {
            println!("{port}");
        }
        if port == last {
            return Ok(());
        }
        port += 1;
    }
}
