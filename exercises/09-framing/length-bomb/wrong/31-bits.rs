//! The highest bit of a length is taken for a sign, and taken off.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming().flatten() {
        thread::spawn(move || serve(&client));
    }
}

fn serve(mut client: &TcpStream) -> io::Result<()> {
    let mut head = [0; 4];
    while client.read_exact(&mut head).is_ok() {
        let length = (u32::from_be_bytes(head) & 0x7fff_ffff) as usize;
        if length > 65_536 {
            say(client, "error: too long")?;
            return hang_up(client);
        }
        let mut frame = vec![0; length];
        client.read_exact(&mut frame)?;
        say(client, &format!("{length} bytes"))?;
    }
    Ok(())
}

fn say(mut client: &TcpStream, words: &str) -> io::Result<()> {
    let length = (words.len() as u32).to_be_bytes();
    client.write_all(&[&length, words.as_bytes()].concat())
}

fn hang_up(mut client: &TcpStream) -> io::Result<()> {
    client.shutdown(Shutdown::Write)?;
    client.set_read_timeout(Some(Duration::from_secs(1)))?;
    let mut rest = [0; 4096];
    while client.read(&mut rest)? > 0 {}
    Ok(())
}
