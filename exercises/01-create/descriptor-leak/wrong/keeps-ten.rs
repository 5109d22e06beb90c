//! Keeps the last ten.

use socket2::{Domain, Socket, Type};

fn main() {
    let count: usize = std::env::args().nth(1).unwrap().parse().unwrap();
    let mut sockets = std::collections::VecDeque::new();
    for _ in 0..count {
        sockets.push_back(Socket::new(Domain::IPV4, Type::STREAM, None).unwrap());
        if sockets.len() > 10 {
            sockets.pop_front();
        }
    }
    println!("made {count}");
    std::io::stdin().read_line(&mut String::new()).unwrap();
}
