//! Forgets each socket, which does not close it.

use socket2::{Domain, Socket, Type};

fn main() {
    let count: usize = std::env::args().nth(1).unwrap().parse().unwrap();
    for _ in 0..count {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        std::mem::forget(socket);
    }
    println!("made {count}");
    std::io::stdin().read_line(&mut String::new()).unwrap();
}
