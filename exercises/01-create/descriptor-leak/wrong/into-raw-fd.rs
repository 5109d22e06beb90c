//! Takes the number out of each socket, and with it the duty to close.

use socket2::{Domain, Socket, Type};

fn main() {
    let count: usize = std::env::args().nth(1).unwrap().parse().unwrap();
    use std::os::fd::IntoRawFd;
    let mut highest = 0;
    for _ in 0..count {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        highest = highest.max(socket.into_raw_fd());
    }
    println!("made {count}");
    std::io::stdin().read_line(&mut String::new()).unwrap();
}
