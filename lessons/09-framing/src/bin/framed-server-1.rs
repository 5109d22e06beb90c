//! Lesson 09, step 1: the greetings of lesson 07, each name in a frame.
//!
//!     cargo run -p framing --bin framed-server-1
//!
//! What it cannot do: doubt a length (step 2).

use std::env;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() -> io::Result<()> {
    let address = env::args().nth(1).unwrap_or("127.0.0.1:9000".to_string());
    let listener = TcpListener::bind(address)?;
    println!("Listening on {}", listener.local_addr()?);
    loop {
        let (client, peer) = listener.accept()?;
        thread::spawn(move || println!("{peer} has left: {:?}", greet(client)));
    }
}

fn greet(mut client: TcpStream) -> io::Result<()> {
    while let Some(name) = read_frame(&mut client)? {
        let answer = [b"Hello, ", &name[..], b"!"].concat();
        let length = (answer.len() as u32).to_be_bytes();
        client.write_all(&[&length, &answer[..]].concat())?;
    }
    Ok(())
}

/// The next frame; none where the stream ends between two frames.
fn read_frame(client: &mut TcpStream) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    if client.read(&mut length[..1])? == 0 {
        return Ok(None); // the end where a frame could begin: a goodbye
    }
    client.read_exact(&mut length[1..])?; // the end anywhere else is an error
    let length = u32::from_be_bytes(length) as usize;
    let mut frame = vec![0; length];
    client.read_exact(&mut frame)?;
    Ok(Some(frame))
}
