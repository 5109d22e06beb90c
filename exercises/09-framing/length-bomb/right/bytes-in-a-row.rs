//! Keeps all that has come in one vector, and takes whole frames from its start.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::thread;

use socket2::{Domain, Socket, Type};

const LIMIT: usize = 1 << 16;

fn main() {
    let address: SocketAddr = std::env::args().nth(1).unwrap().parse().unwrap();
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    listener.set_reuse_address(true).unwrap();
    listener.bind(&address.into()).unwrap();
    listener.listen(10).unwrap();
    loop {
        let Ok((client, _)) = listener.accept() else {
            continue;
        };
        thread::spawn(move || serve(client));
    }
}

fn serve(mut client: Socket) {
    let (mut all, mut chunk) = (Vec::new(), [0; 1000]);
    while let Ok(count @ 1..) = client.read(&mut chunk) {
        all.extend_from_slice(&chunk[..count]);
        while let Some((head, rest)) = all.split_first_chunk::<4>() {
            let length = u32::from_be_bytes(*head) as usize;
            if length > LIMIT {
                client.write_all(b"\0\0\0\x07error: ").ok();
                client.shutdown(Shutdown::Write).ok();
                while let Ok(1..) = client.read(&mut chunk) {}
                return;
            }
            if rest.len() < length {
                break;
            }
            all.drain(..4 + length);
            let words = format!("{length} bytes");
            let head = u32::to_be_bytes(words.len() as u32);
            client.write_all(&[&head, words.as_bytes()].concat()).ok();
        }
    }
}
