//! Answers when the client has ended its sending.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

fn main() -> io::Result<()> {
    let listener = TcpListener::bind(std::env::args().nth(1).unwrap())?;
    loop {
        let (client, _) = listener.accept()?;
        if let Err(error) = serve(&client) {
            println!("a client is lost: {error}");
        }
    }
}

fn serve(mut client: &TcpStream) -> io::Result<()> {
    let mut all = Vec::new();
    client.read_to_end(&mut all)?;
    let mut rest = &all[..];
    while let Some((head, more)) = rest.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*head) as usize;
        let Some((message, more)) = more.split_at_checked(length) else {
            break;
        };
        let mut answer = head.to_vec();
        answer.extend(message.iter().rev());
        client.write_all(&answer)?;
        rest = more;
    }
    Ok(())
}
