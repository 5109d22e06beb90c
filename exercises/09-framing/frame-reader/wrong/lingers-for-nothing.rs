//! With an SO_LINGER of 0 close throws the last answers away.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming() {
        serve(client.unwrap()).ok();
    }
}

fn serve(mut client: TcpStream) -> io::Result<()> {
    socket2::SockRef::from(&client).set_linger(Some(Duration::ZERO))?;
    loop {
        let mut head = [0; 4];
        client.read_exact(&mut head)?;
        let length = u32::from_be_bytes(head) as usize;
        if length > 65_536 {
            return Ok(());
        }
        let mut message = vec![0; length];
        client.read_exact(&mut message)?;
        message.reverse();
        client.write_all(&[&head[..], &message].concat())?;
    }
}
