//! One byte at a time, with socket2's own calls.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::thread;

use socket2::{Domain, Socket, Type};

fn main() {
    let address: SocketAddr = std::env::args().nth(1).unwrap().parse().unwrap();
    let listener = Socket::new(Domain::for_address(address), Type::STREAM, None).unwrap();
    listener.set_reuse_address(true).unwrap();
    listener.bind(&address.into()).unwrap();
    listener.listen(1024).unwrap();
    loop {
        let Ok((mut client, _)) = listener.accept() else {
            continue;
        };
        thread::spawn(move || {
            client.write_all(b"Welcome!\n").ok();
            let (mut name, mut byte) = (Vec::new(), [0]);
            while let Ok(1) = client.read(&mut byte) {
                match byte[0] {
                    b'\n' => {
                        name.pop_if(|last| *last == b'\r');
                        if name == b"exit" {
                            return;
                        }
                        client
                            .write_all(&[b"Hello, ", &name[..], b"!\n"].concat())
                            .ok();
                        name.clear();
                    }
                    byte => name.push(byte),
                }
            }
        });
    }
}
