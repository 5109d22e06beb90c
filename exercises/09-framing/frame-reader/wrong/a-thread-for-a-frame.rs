//! A thread answers each frame, and a short message overtakes a long one.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming() {
        serve(client.unwrap()).ok();
    }
}

fn serve(mut client: TcpStream) -> io::Result<()> {
    let mut pause = Duration::from_millis(90);
    loop {
        let mut head = [0; 4];
        client.read_exact(&mut head)?;
        let length = u32::from_be_bytes(head) as usize;
        if length > 65_536 {
            return Ok(());
        }
        let mut message = vec![0; length];
        client.read_exact(&mut message)?;
        let mut twin = client.try_clone()?;
        thread::spawn(move || {
            thread::sleep(pause); // the work with a long message
            message.reverse();
            twin.write_all(&[&head[..], &message].concat())
        });
        pause = pause.saturating_sub(Duration::from_millis(30));
    }
}
