//! Closes sockets only when no descriptor is left.

use socket2::{Domain, Socket, Type};

fn main() {
    let count: usize = std::env::args().nth(1).unwrap().parse().unwrap();
    let mut sockets = Vec::new();
    for _ in 0..count {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None);
        let socket = socket.unwrap_or_else(|_| {
            sockets.clear();
            Socket::new(Domain::IPV4, Type::STREAM, None).unwrap()
        });
        sockets.push(socket);
    }
    println!("made {count}");
    std::io::stdin().read_line(&mut String::new()).unwrap();
}
