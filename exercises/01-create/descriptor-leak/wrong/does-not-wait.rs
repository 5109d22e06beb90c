//! Ends without waiting for Enter.

use socket2::{Domain, Socket, Type};

fn main() {
    let count: usize = std::env::args().nth(1).unwrap().parse().unwrap();
    let mut last = None;
    for _ in 0..count {
        last = Some(Socket::new(Domain::IPV4, Type::STREAM, None).unwrap());
    }
    println!("made {count}");
}
