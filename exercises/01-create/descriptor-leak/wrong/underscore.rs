//! A mere underscore owns nothing: the last one is dropped at once.

use socket2::{Domain, Socket, Type};

fn main() {
    let count: usize = std::env::args().nth(1).unwrap().parse().unwrap();
    let mut last = None;
    for _ in 0..count {
        last = Some(Socket::new(Domain::IPV4, Type::STREAM, None).unwrap());
    }
    let _ = last.take();
    println!("made {count}");
    std::io::stdin().read_line(&mut String::new()).unwrap();
}
