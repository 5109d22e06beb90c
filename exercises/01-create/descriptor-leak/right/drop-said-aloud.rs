//! Each socket but the last is closed with drop, before the next is made.

use std::io;

use socket2::{Domain, Socket, Type};

fn socket() -> Socket {
    Socket::new(Domain::IPV6, Type::DGRAM, None)
        .or_else(|_| Socket::new(Domain::IPV4, Type::DGRAM, None))
        .unwrap()
}

fn main() {
    let count: usize = std::env::args().nth(1).unwrap().parse().unwrap();
    let mut made = 0;
    while made + 1 < count {
        drop(socket());
        made += 1;
    }
    let last = (made < count).then(socket); // of none there is no last
    println!("made {count}");
    io::stdin().lines().next();
    drop(last);
}
