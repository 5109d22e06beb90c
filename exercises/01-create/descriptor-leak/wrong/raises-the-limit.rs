//! Raises the limit instead of closing anything.

use socket2::{Domain, Socket, Type};

fn main() {
    let count: usize = std::env::args().nth(1).unwrap().parse().unwrap();
    use nix::sys::resource::{Resource, setrlimit};
    setrlimit(Resource::RLIMIT_NOFILE, 65536, 65536).unwrap();
    let mut sockets = Vec::new();
    for _ in 0..count {
        sockets.push(Socket::new(Domain::IPV4, Type::STREAM, None).unwrap());
    }
    println!("made {count}");
    std::io::stdin().read_line(&mut String::new()).unwrap();
}
