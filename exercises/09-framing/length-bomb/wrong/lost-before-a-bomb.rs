//! Collects the answers of one recv, and throws them away when a length is too long.

use std::io::{self, BufReader, Read, Write};
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
    let (mut head, mut answers) = ([0; 4], Vec::new());
    let mut input = BufReader::new(client);
    while input.read_exact(&mut head).is_ok() {
        let length = u32::from_be_bytes(head) as usize;
        if length > 65_536 {
            say(&mut client, "error: too long")?;
            return hang_up(client);
        }
        let mut frame = vec![0; length];
        input.read_exact(&mut frame)?;
        say(&mut answers, &format!("{length} bytes"))?;
        if input.buffer().is_empty() {
            client.write_all(&answers)?;
            answers.clear();
        }
    }
    Ok(())
}

fn say(to: &mut impl Write, words: &str) -> io::Result<()> {
    let length = (words.len() as u32).to_be_bytes();
    to.write_all(&[&length, words.as_bytes()].concat())
}

fn hang_up(mut client: &TcpStream) -> io::Result<()> {
    client.shutdown(Shutdown::Write)?;
    client.set_read_timeout(Some(Duration::from_secs(1)))?;
    let mut rest = [0; 4096];
    while client.read(&mut rest)? > 0 {}
    Ok(())
}
