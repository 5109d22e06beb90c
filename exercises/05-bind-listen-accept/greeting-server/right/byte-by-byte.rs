//! One byte at a time, in std's own types.

use std::io::{Read, Write};
use std::net::TcpListener;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for mut client in listener.incoming().flatten() {
        let (mut name, mut byte) = (Vec::new(), [0]);
        while let Ok(1) = client.read(&mut byte) {
            match byte[0] {
                b'\n' => {
                    if name.last() == Some(&b'\r') {
                        name.pop();
                    }
                    let answer = [b"Hello, ", &name[..], b"!\n"].concat();
                    client.write_all(&answer).ok();
                    break;
                }
                other => name.push(other),
            }
        }
    }
}
