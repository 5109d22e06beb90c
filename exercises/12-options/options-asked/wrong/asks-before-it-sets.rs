//! Prints the value from before its own setting.

use socket2::{Domain, Socket, Type};

fn main() {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    for setting in std::env::args().skip(1) {
        let (name, wish) = setting.split_once('=').unwrap_or((&setting, "0"));
        println!("{name} {}", socket.recv_buffer_size().unwrap());
        socket.set_recv_buffer_size(wish.parse().unwrap()).unwrap();
    }
}
