//! Counts the message as it comes, and keeps none of it.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

fn main() -> io::Result<()> {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap_or_default())?;
    for client in listener.incoming().flatten() {
        thread::spawn(move || serve(client).ok());
    }
    Ok(())
}

fn serve(mut client: TcpStream) -> io::Result<()> {
    loop {
        let mut head = [0; 4];
        client.read_exact(&mut head)?;
        let length = u32::from_be_bytes(head);
        let words = match length {
            0..=65_536 => {
                let mut message = (&client).take(length.into());
                if io::copy(&mut message, &mut io::sink())? < length.into() {
                    return Ok(()); // cut off
                }
                format!("{length} bytes")
            }
            _ => format!("error: {length} bytes are too much"),
        };
        client.write_all(&[0, 0, 0, words.len() as u8])?;
        client.write_all(words.as_bytes())?;
        if length > 65_536 {
            client.shutdown(Shutdown::Write)?;
            while client.read(&mut head)? > 0 {}
            return Ok(());
        }
    }
}
