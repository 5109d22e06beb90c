//! Sets, and prints what it wished for: it never asks.

use socket2::{Domain, Socket, Type};

fn main() {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    for setting in std::env::args().skip(1) {
        let (name, wish) = setting.split_once('=').unwrap_or((&setting, "0"));
        let number = wish.parse().unwrap();
        if name == "SO_RCVBUF" {
            socket.set_recv_buffer_size(number).unwrap();
        }
        println!("{name} {number}");
    }
}
