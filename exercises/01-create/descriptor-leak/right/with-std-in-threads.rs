//! std's UDP sockets, each made by a thread of its own that hands it over.

use std::io::Read;
use std::net::UdpSocket;
use std::thread;

fn main() {
    let count: usize = std::env::args().nth(1).unwrap().parse().unwrap();
    let mut made = 0;
    let mut last = None;
    while made < count {
        let maker = thread::spawn(|| UdpSocket::bind("127.0.0.1:0").unwrap());
        last = Some(maker.join().unwrap());
        made += 1;
    }
    println!("made {made}");
    std::io::stdin().read(&mut [0]).ok();
    assert_eq!(last.is_some(), count > 0);
}
