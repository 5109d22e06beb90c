//! One byte at a time, and a thread for each client; socket2's own calls.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::thread;

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
        thread::spawn(move || serve(&client));
    }
}

fn serve(mut client: &Socket) {
    let (mut line, mut byte) = (Vec::new(), [0]);
    while let Ok(1) = client.read(&mut byte) {
        if byte[0] != b'\n' {
            line.push(byte[0]);
        } else {
            let text = line.strip_suffix(b"\r").unwrap_or(&line);
            if text.len() > 1000 {
                break;
            }
            client.write_all(&[b"[", text, b"]\n"].concat()).ok();
            line.clear();
        }
        if line.len() > 1001 {
            break;
        }
    }
    let text = line.strip_suffix(b"\r").unwrap_or(&line);
    let words: &[u8] = match text.len() {
        _ if line.is_empty() => b"",
        0..=1000 => b"cut off\n",
        _ => b"too long\n",
    };
    client.write_all(words).ok();
    client.shutdown(Shutdown::Write).ok();
    while let Ok(1..) = client.read(&mut byte) {}
}
