//! A state machine that gets one byte after the other; socket2's own calls.

use std::io::{BufReader, Read, Write};
use std::net::SocketAddr;

use socket2::{Domain, Socket, Type};

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
        serve(&client);
    }
}

fn serve(mut client: &Socket) {
    let (mut head, mut message, mut wanted) = (Vec::new(), Vec::new(), None);
    for byte in BufReader::new(client).bytes() {
        let Ok(byte) = byte else { return };
        if wanted.is_some() {
            message.push(byte);
        } else {
            head.push(byte);
        }
        if let Ok(four) = <[u8; 4]>::try_from(&head[..]) {
            wanted = Some(u32::from_be_bytes(four) as usize);
        }
        match wanted {
            Some(65_537..) => return,
            Some(length) if message.len() == length => {
                message.reverse();
                if client.write_all(&[&head[..], &message].concat()).is_err() {
                    return;
                }
                (head, message, wanted) = Default::default();
            }
            _ => {}
        }
    }
}
