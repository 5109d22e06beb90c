//! A client that receives nothing for 0.3 seconds is given up.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

/// The most bytes in a message.
const LIMIT: usize = 65_536;

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:7109".into());
    let listener = TcpListener::bind(&address)?;
    println!("Listening on {}", listener.local_addr()?);
    loop {
        let (client, _) = listener.accept()?;
        if let Err(error) = serve(client) {
            println!("a client is lost: {error}");
        }
    }
}

/// Answers each frame of a client with the same bytes in reverse order.
fn serve(mut client: TcpStream) -> io::Result<()> {
    client.set_write_timeout(Some(Duration::from_millis(300)))?;
    while let Some(mut message) = read_frame(&mut client)? {
        message.reverse();
        // Length and message in one write: two small ones can cost 40 ms.
        let length = (message.len() as u32).to_be_bytes();
        client.write_all(&[&length, &message[..]].concat())?;
    }
    Ok(())
}

/// The next message; none where the stream ends between two frames. An end inside a frame
/// is an error, and so is a length above the limit.
fn read_frame(from: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut head = [0; 4];
    // The first byte alone: no byte here is a goodbye, anywhere else it is an error.
    if from.read(&mut head[..1])? == 0 {
        return Ok(None);
    }
    from.read_exact(&mut head[1..])?;
    let length = u32::from_be_bytes(head) as usize;
    if length > LIMIT {
        return Err(io::Error::new(ErrorKind::InvalidData, "a frame too long"));
    }
    let mut message = vec![0; length];
    from.read_exact(&mut message)?;
    Ok(Some(message))
}
