//! Closes the last one, too.

use socket2::{Domain, Socket, Type};

fn main() {
    let count: usize = std::env::args().nth(1).unwrap().parse().unwrap();
    for _ in 0..count {
        Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    }
    println!("made {count}");
    std::io::stdin().read_line(&mut String::new()).unwrap();
}
