//! Stops before the limit is reached.

use socket2::{Domain, Socket, Type};

fn main() {
    let count: usize = std::env::args().nth(1).unwrap().parse().unwrap();
    let count = count.min(1000);
    let mut sockets = Vec::new();
    for _ in 0..count {
        sockets.push(Socket::new(Domain::IPV4, Type::STREAM, None).unwrap());
    }
    println!("made {count}");
    std::io::stdin().read_line(&mut String::new()).unwrap();
}
