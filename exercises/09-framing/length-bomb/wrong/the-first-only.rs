//! Looks at the length of the first frame only.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

fn main() {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap()).unwrap();
    for client in listener.incoming().flatten() {
        thread::spawn(move || serve(&client));
    }
}

fn serve(mut client: &TcpStream) -> io::Result<()> {
    let (mut head, mut first) = ([0; 4], true);
    while client.read_exact(&mut head).is_ok() {
        let length = u32::from_be_bytes(head) as usize;
        if first && length > 65_536 {
            say(client, "error: too long")?;
            return hang_up(client);
        }
        first = false;
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
    io::copy(&mut client, &mut io::sink())?;
    Ok(())
}
