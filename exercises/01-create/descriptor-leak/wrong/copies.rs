//! Makes one socket, and a copy of it for each further one.

use socket2::{Domain, Socket, Type};

fn main() {
    let count: usize = std::env::args().nth(1).unwrap().parse().unwrap();
    let first = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let copies: Vec<_> = (1..count).map(|_| first.try_clone().unwrap()).collect();
    println!("made {}", copies.len() + 1);
    std::io::stdin().read_line(&mut String::new()).unwrap();
}
